import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../runtime/index.js';
import type { Evidence } from './evidence.js';
import type { ChaosFleet } from './fleet/chaos-fleet.js';
import { readUnfinished, readWorkflows } from './gather/database.js';
import { gatherEvidence } from './gather/evidence.js';
import { endsOf, lagsAt, type Ends } from './gather/lags.js';
import { backendsAsExpected } from './invariants/backends-as-expected.js';
import { judgeAll, type Judged } from './invariants/index.js';
import type { ChaosOptions } from './options.js';
import { untilQuiet } from './quiet.js';
import type { World } from './world/world.js';

/** How often the backends are looked at again when they hold something else than they should. */
const AGAIN_AFTER_MS = 3000;

export type Verdict = {
  readonly evidence: Evidence;
  readonly judged: readonly Judged[];
  /** Epoch milliseconds. */
  readonly quietAt: number;
  readonly pending: readonly string[];
};

/**
 * Judges when all is at rest. What a process that hung writes late to Consul, which has no fence, nobody notices but the audit of
 * drift: so where the backends are not as expected they are looked at again, for as long as there is patience.
 */
export async function judgeAtRest(
  world: World,
  fleet: ChaosFleet,
  database: Database,
  options: ChaosOptions,
  exits: readonly string[],
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<Verdict> {
  const end = Date.now() + options.quietWithinMs;
  for (;;) {
    const { pending, ends } = await comeToRest(world, fleet, database, end - Date.now(), say, signal);
    const quietAt = Date.now();
    say(pending.length === 0 ? 'at rest: gathering evidence' : 'not at rest in time: gathering evidence');
    const evidence = await gatherEvidence(world, database, fleet.expected, ends, exits);
    const judged = judgeAll(evidence);
    const wrong = judged.find(({ name }) => name === backendsAsExpected.name)?.violations ?? [];
    if (wrong.length === 0 || pending.length > 0 || Date.now() + AGAIN_AFTER_MS > end) {
      return { evidence, judged, quietAt, pending };
    }
    say(`the backends are to be repaired: ${wrong.slice(0, 3).join('; ')}`);
    await sleep(AGAIN_AFTER_MS, undefined, { signal });
  }
}

/** Nothing is left to do: for the nodes, in the workflows, in the topics. Tells where these ended at the last look but one. */
async function comeToRest(
  world: World,
  fleet: ChaosFleet,
  database: Database,
  withinMs: number,
  say: (text: string) => void,
  signal: AbortSignal,
): Promise<{ pending: readonly string[]; ends: Ends }> {
  say('no more faults: waiting until all is at rest');
  let ends: Ends = new Map();
  const pending = await untilQuiet({
    pending: async () => {
      const before = ends;
      ends = await endsOf(world.broker);
      const { lags } = await lagsAt(world.broker, before);
      const gone = new Set(fleet.expected.filter(({ presence }) => presence === 'gone').map(({ nodeId }) => nodeId));
      const stillIn = (await readWorkflows(database)).filter(
        ({ nodeId, status }) => gone.has(nodeId) && status === 'active',
      );
      return [
        ...fleet.unfinished.map((text) => `${text} is to be active`),
        ...stillIn.map(({ nodeId }) => `${nodeId} is to be taken out`),
        ...(await readUnfinished(database)),
        ...lags,
        ...(await unhealthy(world)),
      ];
    },
    withinMs,
    progress: (list) => say(`${list.length} things left to do, such as ${list.slice(0, 3).join('; ')}`),
    signal,
  });
  return { pending, ends };
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
