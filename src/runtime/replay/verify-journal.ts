import type { Database } from '../journal/database.js';
import { readHistories, type History } from '../journal/read-histories.js';
import type { Machine } from '../lanes/machine.js';
import type { Timings } from '../lanes/step.js';
import { difference, replay } from './replay.js';

export type Verified = {
  /** States of nodes that were folded; a node has one of each machine. */
  readonly states: number;
  readonly entries: number;
  /** All that differs, in words; the first {@link MAX_PROBLEMS} of them. */
  readonly problems: readonly string[];
  readonly problemCount: number;
};

export type VerifyOptions = {
  readonly machines: readonly Machine[];
  /** One node only. */
  readonly nodeId?: string;
  /** Told after every state. */
  readonly progress?: (states: number, entries: number) => void;
};

const MAX_PROBLEMS = 100;

/** Never used: a step that rests on timings has journalled them. */
const NO_TIMINGS: Timings = { ackTimeoutMs: 0, livenessWindowMs: 0, heartbeatIntervalMs: 0, degradedAcceptAfterMs: 0 };

/**
 * Folds the journal of every node from empty through today's code, and compares each step with what was recorded and the end
 * with machine_states: states, outputs, ids and times, to the byte. Reads one moment, while the registry may go on.
 */
export async function verifyJournal(database: Pick<Database, 'pool'>, options: VerifyOptions): Promise<Verified> {
  const { nodeId = null, progress } = options;
  const machines = new Map(options.machines.map((machine) => [machine.name, machine]));
  let states = 0;
  let entries = 0;
  let problemCount = 0;
  const problems: string[] = [];
  for await (const history of readHistories(database, nodeId)) {
    states += 1;
    entries += history.entries.length;
    const found = problemsOf(history, machines.get(history.machine));
    problemCount += found.length;
    problems.push(...found.slice(0, MAX_PROBLEMS - problems.length));
    progress?.(states, entries);
  }
  return { states, entries, problems, problemCount };
}

function problemsOf({ machine: name, nodeId, stored, entries }: History, machine: Machine | undefined): string[] {
  const where = `${name} of ${nodeId}`;
  if (machine === undefined) return [`${where}: no machine has this name`];
  if (entries.length === 0) return [`${where}: has a state, but no journal`];
  const { state, version, differences } = replay(machine, entries, NO_TIMINGS);
  return [
    ...differences.map((difference) => `${where}: ${difference}`),
    ...(state === stored.state && version === stored.version
      ? []
      : [`${where}: ${difference('the end', `${stored.version} ${stored.state}`, `${version} ${state}`)}`]),
  ];
}
