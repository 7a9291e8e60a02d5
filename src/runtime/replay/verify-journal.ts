import type { Database } from '../journal/database.js';
import { readHistories, type History } from '../journal/read-histories.js';
import type { Machine } from '../lanes/machine.js';
import type { Timings } from '../lanes/step.js';
import { DeclaredDifferences } from './differences.js';
import { compareSteps, difference } from './replay.js';

export type Verified = {
  /** States of nodes that were folded; a node has one of each machine. */
  readonly states: number;
  readonly entries: number;
  /** All that differs, in words; the first {@link MAX_PROBLEMS} of them. */
  readonly problems: readonly string[];
  readonly problemCount: number;
  /** Differences that were declared, and are no problems. */
  readonly declared: number;
};

export type VerifyOptions = {
  readonly machines: readonly Machine[];
  readonly declared: DeclaredDifferences;
  /** Told after every state. */
  readonly progress?: (states: number, entries: number) => void;
};

export type JournalOptions = Omit<VerifyOptions, 'declared'> & {
  /** None when absent. */
  readonly declared?: DeclaredDifferences;
  /** One node only. */
  readonly nodeId?: string;
};

const MAX_PROBLEMS = 100;

const NOTHING = new DeclaredDifferences([]);

/** Never used: a step that rests on timings has journalled them. */
const NO_TIMINGS: Timings = { ackTimeoutMs: 0, livenessWindowMs: 0, heartbeatIntervalMs: 0, degradedAcceptAfterMs: 0 };

/**
 * Folds the journal of every node from empty through today's code, and compares each step with what was recorded and the end
 * with machine_states: states, outputs, ids and times, to the byte. Reads one moment, while the registry may go on.
 */
export async function verifyJournal(
  database: Pick<Database, 'pool'>,
  { nodeId, declared = NOTHING, ...options }: JournalOptions,
): Promise<Verified> {
  return verifyHistories(readHistories(database, nodeId ?? null), { declared, ...options });
}

/** The same for histories from anywhere. */
export async function verifyHistories(
  histories: AsyncIterable<History> | Iterable<History>,
  { machines: all, declared, progress }: VerifyOptions,
): Promise<Verified> {
  const machines = new Map(all.map((machine) => [machine.name, machine]));
  const verified = { states: 0, entries: 0, problemCount: 0, declared: 0 };
  const problems: string[] = [];
  for await (const history of histories) {
    const found = judged(history, machines.get(history.machine), declared);
    verified.states += 1;
    verified.entries += history.entries.length;
    verified.problemCount += found.problems.length;
    verified.declared += found.declared;
    problems.push(...found.problems.slice(0, MAX_PROBLEMS - problems.length));
    progress?.(verified.states, verified.entries);
  }
  return { ...verified, problems };
}

type Judged = Pick<Verified, 'problems' | 'declared'>;

function judged(
  { machine: name, nodeId, stored, entries }: History,
  machine: Machine | undefined,
  declared: DeclaredDifferences,
): Judged {
  const where = `${name} of ${nodeId}`;
  if (machine === undefined) return { problems: [`${where}: no machine has this name`], declared: 0 };
  if (entries.length === 0) return { problems: [`${where}: has a state, but no journal`], declared: 0 };
  const { state, version, differences } = compareSteps(machine, entries, NO_TIMINGS);
  const undeclared = differences.filter((each) => !declared.covers(each, machine.contractVersion));
  const ends =
    state === stored.state && version === stored.version
      ? []
      : [difference('the end', `${stored.version} ${stored.state}`, `${version} ${state}`)];
  return {
    problems: [...undeclared.map(({ text }) => text), ...ends].map((problem) => `${where}: ${problem}`),
    declared: differences.length - undeclared.length,
  };
}
