import type { Client } from 'pg';
import type { Clones } from '../../src/bench/load/fixture/clone-rows.js';

/** Gives every clone the entry that its template has in the embedded catalog, where the registry would have put it. */
export async function cloneCatalog(
  client: Client,
  { template, nodeIds }: Pick<Clones, 'template' | 'nodeIds'>,
): Promise<void> {
  await client.query(NODES, [nodeIds]);
  await client.query(SERVICES, [template, nodeIds]);
}

/** By the first byte of the id's SHA-256, as section 8 of the design has it. */
const PLACE = `'rollcall-' || lpad(to_hex(get_byte(sha256(n.id::bytea), 0)), 2, '0')`;

const NODES = `
  insert into catalog_nodes (node, address, meta, create_index)
  select distinct ${PLACE}, any_node.address, any_node.meta, any_node.create_index
  from unnest($1::text[]) as n(id) cross join (select * from catalog_nodes limit 1) as any_node
  on conflict (node) do nothing`;

const SERVICES = `
  with template as materialized (select row_to_json(t)::text as text from catalog_services t where node_id = $1)
  insert into catalog_services
  select r.*
  from template cross join unnest($2::text[]) as n(id)
    cross join lateral json_populate_record(null::catalog_services, replace(template.text, $1, n.id)::json) c
    cross join lateral json_populate_record(c, json_build_object('node', case when c.node is not null then ${PLACE} end)) r`;
