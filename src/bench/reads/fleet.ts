import pg from 'pg';
import { FILTER, nodeIdOf } from './asks.js';

/** Two real nodes, registered by the registry itself, of which all others are copies: one in ten has the tag that pages ask for. */
const TEMPLATES = { plain: 'reads-template-plain', tenth: 'reads-template-tenth' } as const;

/**
 * Gives a registry so many active nodes ({@link nodeIdOf}) to read: rows of the orchestrator as its own steps leave them, with
 * another id each. Backends and reducer know nothing of the copies. Throws when the registry does not take the templates.
 */
export async function makeFleet(registry: { readonly baseUrl: string; readonly databaseUrl: string }, nodes: number) {
  await registerNode(registry.baseUrl, TEMPLATES.plain, ['common']);
  await registerNode(registry.baseUrl, TEMPLATES.tenth, ['common', FILTER.capability]);
  const client = new pg.Client({ connectionString: registry.databaseUrl });
  await client.connect();
  try {
    await client.query(COPY, [nodes, nodeIdOf(0).split('-')[0], TEMPLATES.plain, TEMPLATES.tenth]);
    await client.query('vacuum analyze machine_states');
  } finally {
    await client.end();
  }
}

async function registerNode(baseUrl: string, nodeId: string, capabilities: readonly string[]): Promise<void> {
  const response = await fetch(`${baseUrl}/v1/nodes`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', prefer: 'wait=30' },
    body: JSON.stringify({
      nodeId,
      nodeType: 'effect',
      nodeVersion: '1.4.0',
      capabilities: Object.fromEntries(capabilities.map((tag) => [tag, true])),
      endpoints: { api: `http://10.0.0.1:8080/${nodeId}`, health: `http://10.0.0.1:8080/${nodeId}/health` },
      metadata: { zone: 'eu-1', rack: 'b-17' },
      incarnation: 1_763_700_000_000,
    }),
  });
  if (response.status === 201) return;
  throw new Error(`${nodeId} was not registered: ${response.status} ${await response.text()}`);
}

const COPY = `
  insert into machine_states (machine, node_id, version, status, state, node_type, capability_tags, last_heartbeat_at, updated_at)
  select template.machine, copy.id, template.version, template.status,
    replace(template.state, template.node_id, copy.id), template.node_type, template.capability_tags, now(),
    template.updated_at
  from generate_series(0, $1::integer - 1) as n,
    lateral (select $2::text || '-' || lpad(n::text, 7, '0') as id) as copy,
    machine_states as template
  where template.machine = 'orchestrator' and template.node_id = case when n % 10 = 0 then $4::text else $3::text end`;
