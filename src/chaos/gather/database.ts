import { orchestratorComponent } from '../../orchestrator/orchestrator.module.js';
import { reducerComponent } from '../../reducer/reducer.module.js';
import { createLog, createMachine, openStateDatabase, verifyJournal, type Database } from '../../runtime/index.js';
import type { DeadLetterRow, Journal, Registration, Workflow } from '../evidence.js';

/** Our own way into the registry's database, past every door. */
export function openDatabase(databaseUrl: string): Database {
  const onFatal = (): void => undefined; // only an embedded one can be of no use
  return openStateDatabase({ databaseUrl, dataDir: '', migrations: [], onFatal }, createLog('silent'));
}

export async function readWorkflows({ connections }: Database): Promise<Workflow[]> {
  const { rows } = await connections.query<Workflow>(`
    select o.node_id as "nodeId", o.status, (r.state::json #>> '{desired,revision}')::integer as revision, r.status as backends
    from machine_states o left join machine_states r on r.machine = 'reducer' and r.node_id = o.node_id
    where o.machine = 'orchestrator'`);
  return rows;
}

/** Nodes on whose way something is still to happen by itself. */
export async function readUnfinished({ connections }: Database): Promise<string[]> {
  const { rows } = await connections.query<{ text: string }>(`
    select node_id || ' (' || machine || ': ' || status || ')' as text from machine_states
    where (machine = 'orchestrator' and status in ('pending_registration', 'awaiting_ack', 'deregistering'))
      or (machine = 'reducer' and status in ('pending', 'partial'))
    order by node_id`);
  return rows.map(({ text }) => text);
}

export async function readRegistrations({ connections }: Database): Promise<Registration[]> {
  const { rows } = await connections.query<Registration>(`
    select node_id as "nodeId", state, revision::integer as revision, incarnation::float8 as incarnation,
      (metadata ->> 'edition')::integer as edition
    from node_registrations`);
  return rows;
}

export async function readDeadLetterRows({ connections }: Database): Promise<DeadLetterRow[]> {
  const { rows } = await connections.query<DeadLetterRow>(`
    select original_topic as "originalTopic", original_partition as "originalPartition",
      original_offset::integer as "originalOffset"
    from dead_letters`);
  return rows;
}

/** Folds the journal from empty, in the name of the registry, and compares. */
export async function foldJournal(database: Database, registryId: string): Promise<Journal> {
  const machines = [orchestratorComponent(), reducerComponent()].map((component) =>
    createMachine(component, registryId),
  );
  const { states, entries, problems } = await verifyJournal({ pool: database.connections }, { machines });
  return { states, entries, problems };
}
