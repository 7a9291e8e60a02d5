import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { pino } from 'pino';
import { cloneRows } from '../../src/bench/load/fixture/clone-rows.js';
import { EmbeddedPostgres } from '../../src/runtime/embedded/embedded-postgres.js';
import { storeDeadLetters } from '../../src/runtime/journal/store-dead-letters.js';
import { Rollcall, type Environment } from '../e2e/rollcall.js';
import { emptyDatabaseIn } from '../runtime/embedded-database.js';
import { until } from '../support/stack.js';
import { cloneCatalog } from './clone-catalog.js';
import { DEAD_LETTERS } from './dead-letters.js';

type Kind = {
  /** Ids of the kind begin with it. */
  readonly name: string;
  readonly count: number;
  readonly record: Readonly<Record<string, unknown>>;
  readonly end?: 'deregistered' | 'rejected';
};

const api = (host: string) => ({ api: `http://${host}:8080`, health: `http://${host}:8080/health` });

/** 10,000 nodes, each kind of one mould. */
const KINDS: readonly Kind[] = [
  {
    name: 'billing-eu',
    count: 3998,
    record: {
      nodeType: 'effect',
      nodeVersion: '2.14.0',
      capabilities: ['invoices', 'refunds', 'vat.eu', 'ledger', 'audit'],
      endpoints: api('10.12.0.7'),
      metadata: { team: 'billing', zone: 'eu-west-1a' },
    },
  },
  {
    name: 'render-gpu',
    count: 2999,
    record: {
      nodeType: 'compute',
      nodeVersion: '0.9.3-rc.1',
      capabilities: ['resize', 'crop', 'webp'],
      endpoints: api('10.20.4.1'),
    },
  },
  { name: 'ledger-fold', count: 1499, record: { nodeType: 'reducer', nodeVersion: '3.0.1', capabilities: ['ledger'] } },
  {
    name: 'flow-runner',
    count: 899,
    record: { nodeType: 'orchestrator', nodeVersion: '1.8.0', capabilities: ['workflows', 'retries'] },
  },
  { name: 'retired', count: 550, record: { nodeType: 'effect', nodeVersion: '1.0.0' }, end: 'deregistered' },
  { name: 'stranger', count: 54, record: { nodeType: 'toaster', incarnation: 1 }, end: 'rejected' },
];

/** A name as long as one may be, and a version, tags and metadata to match. */
export const LONG_ID =
  `a-node-with-a-name-of-255-characters.${'abcdefghijklmnopqrstuvwxyz0123456789.'.repeat(6)}`.slice(0, 254) + 'z';
const LONG = {
  nodeId: LONG_ID,
  nodeType: 'effect',
  nodeVersion: `10.20.30-${'prerelease.'.repeat(8)}1`,
  capabilities: Array.from({ length: 30 }, (_, number) => `capability-with-a-long-name-${'x'.repeat(60)}-${number}`),
  endpoints: { [`endpoint-${'e'.repeat(60)}`]: `http://host.example/${'path/'.repeat(60)}` },
  metadata: { text: 'no-blank'.repeat(60) },
};

const idOf = (name: string, number: number): string => `${name}-${String(number).padStart(5, '0')}`;

export type LargeFleet = { readonly rollcall: Rollcall; readonly close: () => Promise<void> };

/**
 * A registry with nothing else, and 10,000 nodes in it: one of each kind is registered as any node is, the others are its
 * copies in every table. One of them is missing from the catalog, and the log could not handle a few messages.
 */
export async function startLargeFleet(environment: Environment): Promise<LargeFleet> {
  const folder = await mkdtemp(join(tmpdir(), 'rollcall-large-fleet-'));
  const dataDir = join(folder, 'data');
  await emptyDatabaseIn(dataDir);
  const given = { DATA_DIR: dataDir, DRIFT_REPAIR: 'manual', ...environment };
  const moulds = await Rollcall.start(given);
  await Promise.all(KINDS.map((kind) => registerMould(moulds.url, kind)));
  await post(moulds.url, '/v1/nodes', LONG);
  await untilIn(moulds.url, LONG_ID, 'active');
  await moulds.stop();
  await cloneInto(dataDir);
  const rollcall = await Rollcall.start(given);
  return {
    rollcall,
    close: async () => {
      await rollcall.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function registerMould(url: string, { name, record, end }: Kind): Promise<void> {
  const nodeId = idOf(name, 1);
  if (end === 'rejected') {
    await post(url, `/v1/nodes/${nodeId}/introspection`, record);
    return untilIn(url, nodeId, 'rejected');
  }
  await post(url, '/v1/nodes', { nodeId, ...record });
  await untilIn(url, nodeId, 'active');
  if (end !== 'deregistered') return;
  await fetch(`${url}/v1/nodes/${nodeId}?reason=replaced`, { method: 'DELETE', headers: { prefer: 'wait=30' } });
  await untilIn(url, nodeId, 'deregistered');
}

/** Also where the answer to a command came before its outcome. */
async function untilIn(url: string, nodeId: string, state: string): Promise<void> {
  await until(async () => (await stateOf(url, nodeId)) === state, { what: `${nodeId} to be ${state}` });
}

export async function post(url: string, path: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json', prefer: 'wait=30' };
  const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

export async function stateOf(url: string, nodeId: string): Promise<string> {
  return ((await (await fetch(`${url}/v1/nodes/${nodeId}`)).json()) as { state: string }).state;
}

async function cloneInto(dataDir: string): Promise<void> {
  const server = new EmbeddedPostgres({ dataDir, log: pino({ level: 'silent' }) });
  await server.ready;
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    for (const { name, count } of KINDS) {
      const nodeIds = Array.from({ length: count - 1 }, (_, index) => idOf(name, index + 2));
      const clones = { template: idOf(name, 1), nodeIds, orchestratorOnly: false };
      await cloneRows(client, clones);
      await cloneCatalog(client, clones);
    }
    // As in a fleet that has been running: not all of them changed, or were heard, at the same moment.
    await client.query(`
      update machine_states set updated_at = updated_at - random() * interval '6 days',
        last_heartbeat_at = case when status = 'active' then now() - random() * interval '9 seconds' end
      where machine = 'orchestrator'`);
    await client.query('delete from catalog_services where node_id = $1', [MISSING]);
    await storeDeadLetters(
      { pool: client },
      DEAD_LETTERS.map((letter) => ({ ...letter, id: randomUUID() })),
    );
  } finally {
    await client.end();
    await server.close();
  }
}

/** In PostgreSQL and in the registry's states, and not in the catalog. */
export const MISSING = idOf('billing-eu', 42);
