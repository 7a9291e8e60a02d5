import type { Queryable } from './queryable.js';

/**
 * The nodes as readers of an older table of that name expect them: one row for each that is registered, none for those that
 * have left (such a reader has no `state` to tell them by). Both ids are the node's.
 */
export function toolRegistrationsView({ withHeartbeats }: { readonly withHeartbeats: boolean }): string {
  return `
CREATE OR REPLACE VIEW tool_registrations AS
SELECT
  registration.node_id AS id,
  registration.node_id AS tool_id,
  registration.node_type,
  registration.capabilities,
  registration.endpoints,
  registration.metadata,
  registration.health_endpoint,
  ${withHeartbeats ? 'machine.last_heartbeat_at' : 'NULL'}::timestamptz AS last_heartbeat,
  registration.registered_at,
  registration.updated_at
FROM node_registrations AS registration
${
  withHeartbeats
    ? "LEFT JOIN machine_states AS machine ON machine.machine = 'orchestrator' AND machine.node_id = registration.node_id"
    : ''
}
WHERE registration.state <> 'deregistered'`;
}

/** Any number, as long as it is always the same: two replicas must not replace the view at once. */
const LOCK = 7_203_114_905;

/**
 * Makes the view show last heartbeats where the states of the nodes are in this database too, and null where they are not. To
 * be run after the migrations on each start; changes nothing when nothing has changed. While the view stands on it,
 * `machine_states` can be dropped only with CASCADE.
 */
export async function createToolRegistrationsView(db: Queryable): Promise<void> {
  await db.query({
    text: `
DO $do$
BEGIN
  PERFORM pg_advisory_xact_lock(${LOCK});
  IF to_regclass('machine_states') IS NULL THEN
    EXECUTE $view$${toolRegistrationsView({ withHeartbeats: false })}$view$;
  ELSE
    EXECUTE $view$${toolRegistrationsView({ withHeartbeats: true })}$view$;
  END IF;
END
$do$`,
  });
}
