import type { Backends } from '../damage/backends.js';
import type { Database } from '../../runtime/index.js';
import type { Evidence, ExpectedNode } from '../evidence.js';
import { readLog } from '../kafka/read-log.js';
import { NAME, TIMINGS, type World } from '../world/world.js';
import { readConsul } from './consul.js';
import { foldJournal, readDeadLetterRows, readRegistrations, readWorkflows } from './database.js';
import { lagsAt, type Ends } from './lags.js';
import { readLogs } from './logs.js';

/** Reads everything. `ends`: where the topics ended a moment before, as heartbeats go on. */
export async function gatherEvidence(
  world: World,
  database: Database,
  backends: Backends,
  expected: readonly ExpectedNode[],
  ends: Ends,
  unexpectedExits: readonly string[],
): Promise<Evidence> {
  const { lags, partitions } = await lagsAt(world.broker, ends);
  const replicas = [...world.replicas.values()];
  const health = await Promise.all(
    replicas.map(async (replica) => {
      const health = (await replica.health()) as { readonly status: string };
      return { replica: replica.name, status: health.status, text: JSON.stringify(health) };
    }),
  );
  const logs = await Promise.all(
    replicas.map(({ name, logFile }) => readLogs(name, logFile, `${world.folder}/${name}.stderr`)),
  );
  return {
    records: await readLog(world.broker, world.names),
    expected,
    consul: await readConsul(world.consulAddress, NAME),
    registrations: await readRegistrations(database),
    foreign: await backends.readForeign(),
    workflows: await readWorkflows(database),
    deadLetterRows: await readDeadLetterRows(database),
    journal: await foldJournal(database, NAME),
    lags,
    partitions,
    health,
    outcries: [...unexpectedExits, ...logs.flatMap(({ outcries }) => outcries)],
    logLines: logs.reduce((sum, { lines }) => sum + lines, 0),
    livenessWindowMs: TIMINGS.LIVENESS_WINDOW_MS,
  };
}
