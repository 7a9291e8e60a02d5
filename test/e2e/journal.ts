import type pg from 'pg';
import { ORCHESTRATOR_RULES, orchestratorHandlers } from '../../src/orchestrator/orchestrator.js';
import { REDUCER_HANDLERS, REDUCER_RULES } from '../../src/reducer/reducer.js';
import { checkStateMachine } from '../../src/runtime/contracts/check-state-machine.js';
import { loadContract } from '../../src/runtime/contracts/load-contract.js';
import type { JournalEntry } from '../../src/runtime/journal/rows.js';
import { Machine } from '../../src/runtime/lanes/machine.js';
import { replay } from '../../src/runtime/lanes/replay.js';
import type { MachineHandler } from '../../src/runtime/lanes/step.js';
import { HandlerRegistry } from '../../src/runtime/routing/handler-registry.js';
import { HandlerRouting } from '../../src/runtime/routing/handler-routing.js';

const TIMINGS = { ackTimeoutMs: 1, livenessWindowMs: 1, heartbeatIntervalMs: 1, degradedAcceptAfterMs: 1 };

function machine(name: 'orchestrator' | 'reducer', registryId: string): Machine {
  const contract = loadContract(new URL(`../../src/${name}/contract.yaml`, import.meta.url));
  const registry = new HandlerRegistry<MachineHandler>();
  const { admission } = contract;
  const handlers: readonly MachineHandler[] =
    admission === undefined
      ? REDUCER_HANDLERS
      : orchestratorHandlers({
          allowedNodeTypes: admission.allowed_node_types,
          requiredFields: admission.required_fields,
          fleetLimit: admission.fleet_limit,
        });
  for (const handler of handlers) registry.registerHandler(handler);
  registry.freeze();
  const problems = checkStateMachine(contract, name === 'reducer' ? REDUCER_RULES : ORCHESTRATOR_RULES);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  const routing = new HandlerRouting(contract, registry);
  routing.init();
  return new Machine(contract, routing, registryId);
}

/** The state database of a registry, and what it is called in it. */
export type Journalled = { readonly database: pg.Pool; readonly registryId: string };

type Row = JournalEntry & { readonly machine: 'orchestrator' | 'reducer' };

type Stored = { readonly key: string; readonly version: number; readonly state: string };

/** Journal and states of one moment, while the registry goes on. */
async function snapshot(database: pg.Pool): Promise<{ rows: Row[]; stored: Map<string, Stored> }> {
  const client = await database.connect();
  try {
    await client.query('begin isolation level repeatable read read only');
    const { rows } = await client.query<Row>(`
      select machine, node_id as "nodeId", event_id as "eventId", version, event_type as "eventType", input::text,
        context::text, rule, from_status as "fromStatus", path, to_status as "toStatus",
        state_after::text as "stateAfter", outputs::text, correlation_id as "correlationId",
        causation_id as "causationId",
        to_char(occurred_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "occurredAt",
        contract_version as "contractVersion"
      from journal order by id`);
    const states = await client.query<Stored>(
      `select machine || ' ' || node_id as key, version, state::text from machine_states`,
    );
    await client.query('commit');
    return { rows, stored: new Map(states.rows.map((row) => [row.key, row])) };
  } finally {
    client.release();
  }
}

/** Folds the whole journal from empty, and compares with machine_states, to the byte. Returns what differs. */
export async function replayProblems({
  database,
  registryId,
}: Journalled): Promise<{ nodes: number; entries: number; problems: string[] }> {
  const { rows, stored } = await snapshot(database);
  const byNode = new Map<string, Row[]>();
  for (const row of rows) {
    const key = `${row.machine} ${row.nodeId}`;
    byNode.set(key, [...(byNode.get(key) ?? []), row]);
  }
  const machines = {
    orchestrator: machine('orchestrator', registryId),
    reducer: machine('reducer', registryId),
  };
  const problems: string[] = [];
  for (const [key, entries] of byNode) {
    const name = entries[0]?.machine ?? 'reducer';
    const { state, version, differences } = replay(machines[name], entries, TIMINGS);
    problems.push(...differences.map((difference) => `${key}: ${difference}`));
    const row = stored.get(key);
    if (row?.state !== state || row?.version !== version)
      problems.push(`${key}: folded ${version} ${state}, stored ${row?.version} ${row?.state}`);
  }
  for (const key of stored.keys()) if (!byNode.has(key)) problems.push(`${key}: has a state, but no journal`);
  return { nodes: byNode.size, entries: rows.length, problems: problems.slice(0, 5) };
}
