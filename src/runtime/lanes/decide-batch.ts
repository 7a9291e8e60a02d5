import {
  DEADLINE_TOPICS,
  encode,
  errorText,
  headersOf,
  isoTime,
  jsonText,
  outputId,
  topicOf,
  type Message,
  type Output,
  type TopicSuffix,
} from '../../messages/index.js';
import {
  entryKey,
  rowKey,
  type MachineEntry,
  type LoadedRows,
  type NodeRow,
  type ReadRow,
  type StateChange,
} from '../journal/rows.js';
import type { Announced } from '../journal/start-deadlines.js';
import type { Decidable } from './intake.js';
import type { OutgoingRecord } from './lane.js';
import type { Sent } from './local-delivery.js';
import type { Machine } from './machine.js';
import type { MachineState, Step, StepContext } from './step.js';

/** A message with the machine that is to take it. */
export type Taken = Decidable & { readonly machine: Machine };

export type Shared = Pick<StepContext, 'timings' | 'fleetSize'> & {
  /** The machine that takes what is published on the topic under the key in this very transaction; null: it is read from the log. */
  readonly takerOf?: (topic: TopicSuffix, key: string) => Machine | null;
  /** Gives such a message a span of its own. Absent where nobody traces. It moves headers only, never what is decided. */
  readonly traced?: ((next: Taken, topic: TopicSuffix) => Taken) | undefined;
};

export type Decisions<T extends Taken = Taken> = {
  readonly changes: readonly StateChange[];
  /** Rows that steps without a change rest on. */
  readonly read: readonly ReadRow[];
  readonly entries: readonly MachineEntry[];
  readonly outgoing: readonly Sent[];
  /** Whose deadlines may begin once `outgoing` is published. */
  readonly announced: readonly Announced[];
  readonly rejected: readonly { readonly taken: T; readonly reason: string }[];
  readonly steps: readonly { readonly taken: Taken; readonly from: string; readonly step: Step }[];
  /** Inputs whose recorded outputs are sent again. */
  readonly repeated: readonly T[];
};

type Current = {
  readonly machine: Machine;
  readonly nodeId: string;
  readonly expectedVersion: number;
  version: number;
  state: MachineState;
  /** JSON of the state once a step has changed it. */
  text: string;
  deadline: StepContext['deadline'];
  readonly lastHeartbeatAt: string | null;
  change: Pick<StateChange, 'deadline' | 'announcedBy'> | undefined;
  /** Inputs that it has taken in this batch. */
  readonly taken: string[];
  hasEntry: boolean;
};

/** A deadline set in this very batch: it begins later, by the database's clock, so no marker can name it yet. */
const NOT_YET = '';

/**
 * Decides a batch in order, from the rows that were loaded for it. Does no I/O: the same rows and messages give the same
 * decisions.
 */
export function decideBatch<T extends Taken>(batch: readonly T[], loaded: LoadedRows, shared: Shared): Decisions<T> {
  return new Batch<T>(loaded, shared).decide(batch);
}

class Batch<T extends Taken> {
  private readonly current = new Map<Machine, Map<string, Current>>();
  private readonly entries: MachineEntry[] = [];
  private readonly outgoing: Sent[] = [];
  private readonly announced: Announced[] = [];
  private readonly rejected: { taken: T; reason: string }[] = [];
  private readonly steps: { taken: Taken; from: string; step: Step }[] = [];
  private readonly repeated: T[] = [];

  constructor(
    private readonly loaded: LoadedRows,
    private readonly shared: Shared,
  ) {}

  decide(batch: readonly T[]): Decisions<T> {
    for (const taken of batch) {
      const node = this.currentOf(taken);
      if (node.taken.includes(taken.message.eventId)) continue;
      const recorded = this.recordedOf(taken);
      if (recorded !== undefined) this.repeat(taken, node, recorded);
      else {
        const reason = this.step(taken, node);
        if (reason !== null) this.rejected.push({ taken, reason });
      }
    }
    const { entries, outgoing, announced, rejected, steps, repeated } = this;
    const rows = [...this.current.values()].flatMap((nodes) => [...nodes.values()]).sort(byRow);
    return {
      changes: changesOf(rows),
      read: readRowsOf(rows),
      entries,
      outgoing,
      announced,
      rejected,
      steps,
      repeated,
    };
  }

  private recordedOf({ machine, message }: Taken): string | undefined {
    const { outputs } = this.loaded;
    if (outputs.size === 0) return undefined;
    return outputs.get(entryKey(machine.name, message.payload.nodeId ?? '', message.eventId));
  }

  private repeat(taken: T, node: Current, recorded: string): void {
    node.taken.push(taken.message.eventId);
    this.repeated.push(taken);
    const again = recordedOutputs(recorded, taken.traceparent, taken.tracestate);
    this.outgoing.push(...again);
    // Whoever stored them may have died before they were published, or before the deadline began.
    if (again.length > 0) this.announced.push(announcementOf(taken));
  }

  /** Gives the reason why it cannot be taken, if so. */
  private step(taken: Taken, node: Current): string | null {
    const { machine, message } = taken;
    const from = node.state?.status ?? machine.initialStatus;
    let step: Step;
    let outputs: readonly Addressed[];
    try {
      const { timings, fleetSize } = this.shared;
      step = machine.decide(node.state, message, {
        timings,
        fleetSize,
        deadline: node.deadline,
        lastHeartbeatAt: node.lastHeartbeatAt,
        authorship: taken.authorship,
      });
      outputs = addressed(taken, step);
    } catch (error) {
      return errorText(error);
    }
    this.steps.push({ taken, from, step });
    if (!machine.isJournalled(step)) return null;
    if (step.ignored === null) advance(node, message.eventId, step);
    else if (node.state === null || !machine.isJournalledInput(message)) return null;
    node.taken.push(message.eventId);
    node.hasEntry = true;
    this.entries.push(entryOf(taken, step, from, node, outputs));
    if (announces(step)) this.announced.push(announcementOf(taken));
    for (const output of outputs) this.send(output, taken);
    return null;
  }

  /** What a machine of this process reads it takes at once, before anything else of the node. */
  private send(output: Addressed, { message: cause, traceparent, tracestate }: Taken): void {
    const { topic, key, value, headers, message } = output;
    const machine = this.shared.takerOf?.(topic, key) ?? null;
    const place = this.outgoing.push(output) - 1;
    if (machine === null) return;
    // The time of a message is when the log took it; of one that is taken before, when it took the one that led to it.
    const appendedAt = cause.appendedAt;
    const next = { machine, message: { ...message, appendedAt }, text: value, traceparent, tracestate };
    const { traced } = this.shared;
    // What cannot be taken here becomes a dead letter when it is read from the log.
    if (this.step(traced === undefined ? next : traced(next, topic), this.currentOf(next)) === null) {
      this.outgoing[place] = { topic, key, value, headers, taken: true };
    }
  }

  private currentOf({ machine, message }: Taken): Current {
    const { nodeId } = message.payload as { nodeId: string };
    let nodes = this.current.get(machine);
    if (nodes === undefined) this.current.set(machine, (nodes = new Map<string, Current>()));
    let node = nodes.get(nodeId);
    if (node === undefined) {
      node = currentFrom(machine, nodeId, this.loaded.rows.get(rowKey(machine.name, nodeId)));
      nodes.set(nodeId, node);
    }
    return node;
  }
}

function currentFrom(machine: Machine, nodeId: string, row: NodeRow | undefined): Current {
  return {
    machine,
    nodeId,
    expectedVersion: row?.version ?? 0,
    version: row?.version ?? 0,
    state: row?.state ?? null,
    text: '',
    deadline: row?.deadline ?? null,
    lastHeartbeatAt: row?.lastHeartbeatAt ?? null,
    change: undefined,
    taken: [],
    hasEntry: false,
  };
}

function announcementOf({ machine, message }: Taken): Announced {
  return { machine: machine.name, nodeId: message.payload.nodeId ?? '', eventId: message.eventId };
}

function advance(node: Current, eventId: string, step: Step): void {
  const { deadline } = step;
  node.state = step.state;
  node.version++;
  node.text = jsonText(step.state);
  if (deadline !== 'keep') node.deadline = deadline === null ? null : { kind: deadline.kind, at: NOT_YET };
  // Null disarms: a step of the same batch that keeps the deadline must not bring back the one in the row.
  const before = node.change === undefined ? 'keep' : node.change.deadline;
  node.change =
    deadline === 'keep'
      ? { deadline: before, announcedBy: node.change?.announcedBy ?? null }
      : { deadline, announcedBy: announces(step) ? eventId : null };
}

/** A deadline that outputs tell of begins when they stand in the log: until then nobody can know of it. */
function announces({ deadline, outputs }: Step): boolean {
  return deadline !== null && deadline !== 'keep' && outputs.length > 0;
}

function changesOf(rows: readonly Current[]): StateChange[] {
  const changes: StateChange[] = [];
  for (const { machine, nodeId, expectedVersion, version, state, text, change } of rows) {
    if (change === undefined || state === null) continue;
    const { status } = state;
    changes.push({ machine: machine.name, nodeId, expectedVersion, version, status, state, text, ...change });
  }
  return changes;
}

function readRowsOf(rows: readonly Current[]): ReadRow[] {
  return rows
    .filter(({ change, hasEntry }) => change === undefined && hasEntry)
    .map(({ machine, nodeId, version }) => ({ machine: machine.name, nodeId, version }));
}

/** The order in which rows are locked. */
function byRow(a: Current, b: Current): number {
  return byText(a.machine.name, b.machine.name) || byText(a.nodeId, b.nodeId);
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** A record of ours with what it says. */
type Addressed = Sent & {
  readonly topic: TopicSuffix;
  readonly key: string;
  readonly value: string;
  readonly message: Message;
};

/** Outputs with everything that follows from the input: id, time, correlation, causation, topic, key. */
function addressed({ machine, message: cause, traceparent, tracestate }: Taken, step: Step): readonly Addressed[] {
  const { nodeId } = cause.payload as { nodeId: string };
  return step.outputs.map((output, index) => {
    const message = {
      eventId: outputId(cause.eventId, machine.name, nodeId, index),
      eventType: output.eventType,
      eventTimestamp: isoTime(cause.appendedAt),
      sourceNodeId: machine.registryId,
      correlationId: step.correlationId,
      causationId: cause.eventId,
      payload: output.payload,
    } as Message;
    const headers = headersOf(message, traceparent, tracestate);
    return { topic: topicOfOutput(output), key: nodeId, value: encode(message), headers, message };
  });
}

function topicOfOutput(output: Output): TopicSuffix {
  return output.eventType === 'DEADLINE_PASSED' ? DEADLINE_TOPICS[output.payload.kind] : topicOf(output.eventType);
}

function entryOf(
  { machine, message, text }: Taken,
  step: Step,
  from: string,
  node: Current,
  outputs: readonly Addressed[],
): MachineEntry {
  return {
    machine: machine.name,
    nodeId: node.nodeId,
    eventId: message.eventId,
    version: node.version,
    eventType: message.eventType,
    input: text,
    context: step.used === null ? null : JSON.stringify(step.used),
    rule: step.rule,
    fromStatus: from,
    path: step.path.reduce((path, status) => `${path} > ${status}`, from),
    toStatus: step.path.at(-1) ?? from,
    stateAfter: step.ignored === null ? node.text : null,
    outputs: recordOf(outputs),
    correlationId: step.correlationId,
    causationId: message.causationId,
    occurredAt: isoTime(message.appendedAt),
    contractVersion: machine.contractVersion,
  };
}

/** What the journal keeps of outputs. */
function recordOf(outputs: readonly Addressed[]): string {
  let text = '';
  for (const { topic, value } of outputs) text += `${text === '' ? '[' : ','}{"topic":"${topic}","message":${value}}`;
  return text === '' ? '[]' : `${text}]`;
}

type RecordedOutput = {
  readonly topic: TopicSuffix;
  readonly message: { event_type: string; correlation_id: string; payload: { node_id: string } };
};

/** The journal's text of outputs, as records again: byte for byte what was published the first time. */
export function recordedOutputs(recorded: string, traceparent?: string, tracestate?: string): OutgoingRecord[] {
  return (JSON.parse(recorded) as RecordedOutput[]).map(({ topic, message }) => ({
    topic,
    key: message.payload.node_id,
    value: JSON.stringify(message),
    headers: headersOf(
      { eventType: message.event_type, correlationId: message.correlation_id } as Message,
      traceparent,
      tracestate,
    ),
  }));
}
