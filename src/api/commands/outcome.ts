import type { CommandLetter } from '../read/dead-letters-of-commands.js';
import type { WorkflowStep } from '../read/workflow-steps.js';

/**
 * How a command went. `registered` means active, `deregistered` that both backends have forgotten the node; a command that
 * changes nothing (a duplicate) has succeeded at once. What is read here was decided by the orchestrator, and never changes again;
 * but for a command that could not be handled: it has failed as a dead letter, until it is sent again and decided after all.
 */
export type Outcome = {
  /** From the command to the step that settled it, or so far. */
  readonly steps: readonly WorkflowStep[];
} & Verdict;

type Verdict =
  | { readonly status: 'pending' }
  | { readonly status: 'succeeded' }
  /** A word of the workflow (`superseded`, `ack_timeout`, `stale`, …), `dead_letter: {id} (…)`, or the orchestrator's own words. */
  | { readonly status: 'failed'; readonly reason: string };

/**
 * What the node's steps, the command's own first, make of the command. `letter`: the latest dead letter that it became; the journal,
 * where it has the command, knows better.
 */
export function outcomeOf(steps: readonly WorkflowStep[], letter?: CommandLetter): Outcome {
  const [command, ...later] = steps;
  if (command === undefined) return { ...undecided(letter), steps: [] };
  const begun = onItself(command);
  if ('status' in begun) return { ...begun, steps: [command] };
  const counted = [command];
  for (const step of later) {
    // Beside the attempt: messages that changed nothing, or were turned down while it went on.
    if (step.workflowVersion === null || step.rule === 'refuse') continue;
    counted.push(step);
    const verdict = begun.settledBy(step, command);
    if (verdict !== null) return { ...verdict, steps: counted };
  }
  return { status: 'pending', steps: counted };
}

function undecided(letter: CommandLetter | undefined): Verdict {
  if (letter === undefined || letter.redriven) return { status: 'pending' };
  return failed(`dead_letter: ${letter.id} (${letter.reason})`);
}

type SettledBy = (step: WorkflowStep, command: WorkflowStep) => Verdict | null;

const SUCCEEDED = { status: 'succeeded' } as const;
const failed = (reason: string) => ({ status: 'failed', reason }) as const;
const IGNORED = 'ignore_';

/** What the command's own step says, or what is still to come. */
function onItself(command: WorkflowStep): Verdict | { readonly settledBy: SettledBy } {
  switch (command.rule) {
    case 'begin_attempt':
    case 'restart_attempt':
    case 'replace_attempt':
      return { settledBy: activation };
    case 'begin_update':
      return { settledBy: update };
    case 'begin_deregistration':
      return { settledBy: removal };
    case 'ignore_duplicate':
    case 'pin_key':
      return SUCCEEDED;
    case 'reject':
    case 'refuse':
      return failed(command.reason ?? 'rejected');
    default:
      if (command.rule.startsWith(IGNORED)) return failed(command.rule.slice(IGNORED.length));
      // Of an orchestrator that is newer than this process; a test holds this function against the contract of its own.
      return { settledBy: () => null };
  }
}

const activation: SettledBy = (step) => {
  if (beginsAnother(step)) return failed('superseded');
  if (step.toStatus === 'active') return SUCCEEDED;
  return ending(step);
};

/** Progress of a later update answers this one, too: the backends hold what came after it. */
const update: SettledBy = (step, command) => {
  if (beginsAnother(step)) return failed('superseded');
  if (step.toStatus !== 'active') return ending(step);
  if ((step.answeredVersion ?? 0) < (command.workflowVersion ?? 0)) return null;
  return step.rule === 'finish_update' ? SUCCEEDED : failed(step.reason ?? 'the changed record was refused');
};

const removal: SettledBy = (step) => {
  if (beginsAnother(step)) return failed('superseded');
  return step.toStatus === 'deregistered' ? SUCCEEDED : null;
};

/** A rejection of who announces itself anew is an attempt, too. */
function beginsAnother({ rule }: WorkflowStep): boolean {
  return ['begin_attempt', 'restart_attempt', 'replace_attempt', 'reject'].includes(rule);
}

/** The registration is over before it was one, or before its change came through. */
function ending({ toStatus, reason }: WorkflowStep): Verdict | null {
  switch (toStatus) {
    case 'rejected':
    case 'ack_timed_out':
    case 'liveness_expired':
      return failed(reason ?? toStatus);
    case 'deregistering':
    case 'deregistered':
      return failed(`deregistered: ${reason ?? 'requested'}`);
    default:
      return null;
  }
}
