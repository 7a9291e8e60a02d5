import type { Profile } from '../scenario.js';
import type { Call, CallTree } from './call-tree.js';
import { GROUP_NAMES, type Group } from './groups.js';
import type { ThreadCpu } from './sampler.js';

/** As many as are worth reading. */
const FUNCTIONS = 25;

type OfFunction = { readonly name: string; readonly place: string; readonly group: Group; selfMs: number };

/**
 * Where the time goes, each call counted for itself, without those that it made. A sample tells of wall time, in which the thread may
 * have waited for a core; so the CPU of the thread is divided as its samples are.
 */
export function selfTimeOf(
  tree: CallTree,
  cpu: ThreadCpu,
  operations: number,
): Pick<Profile, 'groups' | 'elsewhere' | 'functions'> {
  const ofGroups = new Map<Group, number>(GROUP_NAMES.map((name) => [name, 0]));
  const ofFunctions = new Map<string, OfFunction>();
  for (const { name, place, group, selfMs } of callsOf(tree.root)) {
    ofGroups.set(group, (ofGroups.get(group) ?? 0) + selfMs);
    const key = `${name} ${place} ${group}`;
    const known = ofFunctions.get(key);
    if (known === undefined) ofFunctions.set(key, { name, place, group, selfMs });
    else known.selfMs += selfMs;
  }
  const { totalMs } = tree.root;
  const percentOf = (selfMs: number): number => (totalMs === 0 ? 0 : (selfMs / totalMs) * 100);
  const perThousand = (seconds: number): number => (seconds / operations) * 1000;
  const busyMs = totalMs + tree.programMs;
  const cpuOf = (ms: number): number => (busyMs === 0 ? 0 : perThousand((cpu.main * ms) / busyMs));
  return {
    groups: [...ofGroups].map(([name, ms]) => ({ name, percent: percentOf(ms), cpuPerThousand: cpuOf(ms) })),
    elsewhere: {
      program: cpuOf(tree.programMs),
      otherThreads: perThousand(Math.max(0, cpu.all - cpu.main - cpu.sampling)),
      sampling: perThousand(cpu.sampling),
    },
    functions: [...ofFunctions.values()]
      .sort((a, b) => b.selfMs - a.selfMs)
      .slice(0, FUNCTIONS)
      .map(({ name, place, group, selfMs }) => ({ name, place, group, percent: percentOf(selfMs) })),
  };
}

function* callsOf(call: Call): Generator<Call> {
  yield call;
  for (const inner of call.calls) yield* callsOf(inner);
}
