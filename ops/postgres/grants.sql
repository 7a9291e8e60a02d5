-- As the owner of the tables, in their database, after each MIGRATE=only. With MIGRATE_GRANT_TO=rollcall_app that does the same by itself.
-- Tables that are not there (those of embedded parts, where there are servers) are passed over.
do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      -- the state database
      ('machine_states', 'select, insert, update'),
      ('journal', 'select, insert'),
      ('operations', 'select, insert, update, delete'),
      ('dead_letters', 'select, insert, update'),
      ('dead_letter_redrives', 'select, insert'),
      ('drift_findings', 'select, insert, update, delete'),
      ('drift_status', 'select, insert, update'),
      ('drift_repairs', 'select, insert, update, delete'),
      ('expiry_guard', 'select, insert, update'),
      ('snapshot_sweeps', 'select, insert, update'),
      ('api_audit', 'select, insert, update, delete'),
      ('registry_keys', 'select, insert'),
      ('rollcall_state_migrations', 'select'),
      -- the registry database
      ('node_registrations', 'select, insert, update'),
      ('rollcall_registry_migrations', 'select'),
      -- the embedded log, without KAFKA_BROKERS
      ('bus_records', 'select, insert, delete'),
      ('bus_end', 'select, update'),
      ('bus_groups', 'select, insert, update'),
      ('bus_offsets', 'select, insert, update'),
      ('rollcall_bus_migrations', 'select'),
      -- the embedded catalog, without CONSUL_HTTP_ADDR
      ('catalog_index', 'select, update'),
      ('catalog_nodes', 'select, insert'),
      ('catalog_services', 'select, insert, update'),
      ('rollcall_catalog_migrations', 'select')
    ) as list (table_name, privileges)
    where to_regclass(table_name) is not null
  loop
    execute format('grant %s on %I to rollcall_app', wanted.privileges, wanted.table_name);
  end loop;
end
$$;
