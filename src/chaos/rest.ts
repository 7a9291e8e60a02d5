import type { Database } from '../runtime/index.js';
import type { Backends } from './damage/backends.js';
import type { Evidence } from './evidence.js';
import type { ChaosFleet } from './fleet/chaos-fleet.js';
import { readUnfinished, readWorkflows } from './gather/database.js';
import { driftLeft, readDrift } from './gather/drift.js';
import { gatherEvidence } from './gather/evidence.js';
import { endsOf, lagsAt, type Ends } from './gather/lags.js';
import { judgeAll, type Judged } from './invariants/index.js';
import { untilQuiet } from './quiet.js';
import type { World } from './world/world.js';

export type Verdict = {
  readonly evidence: Evidence;
  readonly judged: readonly Judged[];
  /** Epoch milliseconds. */
  readonly quietAt: number;
  readonly pending: readonly string[];
};

export type Trial = {
  readonly world: World;
  readonly fleet: ChaosFleet;
  readonly database: Database;
  readonly backends: Backends;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

/** Judges when all is at rest, or when patience is over. `exits` are those of replicas that ended by themselves. */
export async function judgeAtRest(trial: Trial, quietWithinMs: number, exits: readonly string[]): Promise<Verdict> {
  const { world, fleet, database, backends, say } = trial;
  const { pending, ends } = await comeToRest(trial, quietWithinMs);
  const quietAt = Date.now();
  say(pending.length === 0 ? 'at rest: gathering evidence' : 'not at rest in time: gathering evidence');
  const evidence = await gatherEvidence(world, database, backends, fleet.expected, ends, exits);
  return { evidence, judged: judgeAll(evidence), quietAt, pending };
}

/**
 * Nothing is left to do: for the nodes, in the workflows, in the topics; and an audit that began after that has found no drift. What a
 * process that hung writes late to Consul, which has no fence, nobody else would notice. Tells where the topics ended at the last look
 * but one.
 */
async function comeToRest(
  { world, fleet, database, say, signal }: Trial,
  withinMs: number,
): Promise<{ pending: readonly string[]; ends: Ends }> {
  say('no more faults: waiting until all is at rest');
  let ends: Ends = new Map();
  let settled: Ends = ends;
  let restingSince: number | undefined;
  const pending = await untilQuiet({
    pending: async () => {
      settled = ends;
      ends = await endsOf(world.broker);
      const { lags } = await lagsAt(world.broker, settled);
      const unrest = [...(await unfinished(fleet, database)), ...lags, ...(await unhealthy(world))];
      restingSince = unrest.length === 0 ? (restingSince ?? Date.now()) : undefined;
      if (restingSince === undefined) return unrest;
      const [replica] = world.replicas.values();
      return replica === undefined ? [] : driftLeft(await readDrift(replica.url), restingSince);
    },
    withinMs,
    progress: (list) => say(`${list.length} things left to do, such as ${list.slice(0, 3).join('; ')}`),
    signal,
  });
  return { pending, ends: settled };
}

/** Of the nodes, and in the workflows. */
async function unfinished(fleet: ChaosFleet, database: Database): Promise<readonly string[]> {
  const gone = new Set(fleet.expected.filter(({ presence }) => presence === 'gone').map(({ nodeId }) => nodeId));
  const stillIn = (await readWorkflows(database)).filter(
    ({ nodeId, status }) => gone.has(nodeId) && status === 'active',
  );
  return [
    ...fleet.unfinished.map((text) => `${text} is to be active`),
    ...stillIn.map(({ nodeId }) => `${nodeId} is to be taken out`),
    ...(await readUnfinished(database)),
  ];
}

async function unhealthy(world: World): Promise<string[]> {
  const answers = await Promise.all(
    [...world.replicas.values()].map(async (replica) => {
      const { status } = (await replica.health()) as { readonly status: string };
      return status === 'healthy' ? [] : [`${replica.name} is ${status}`];
    }),
  );
  return answers.flat();
}
