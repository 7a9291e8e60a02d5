import {
  DEADLINE_TOPICS,
  encode,
  errorText,
  headersOf,
  outputId,
  topicOf,
  type Message,
  type Output,
  type TopicSuffix,
} from '../../messages/index.js';
import type { Machine } from './machine.js';
import type { JournalEntry, LoadedRows, NodeRow, StateChange } from '../journal/rows.js';
import type { Announced } from '../journal/start-deadlines.js';
import type { Decidable } from './intake.js';
import type { OutgoingRecord } from './lane.js';
import type { MachineState, Step, StepContext } from './step.js';

export type Decisions<R extends Decidable = Decidable> = {
  readonly changes: readonly StateChange[];
  readonly entries: readonly JournalEntry[];
  readonly outgoing: readonly OutgoingRecord[];
  /** Whose deadlines may begin once `outgoing` is published. */
  readonly announced: readonly Announced[];
  readonly rejected: readonly { readonly received: R; readonly reason: string }[];
  readonly steps: readonly { readonly received: R; readonly from: string; readonly step: Step }[];
  /** Inputs whose recorded outputs are sent again. */
  readonly repeated: number;
};

type Current = {
  readonly expectedVersion: number;
  version: number;
  state: MachineState;
  /** JSON of the state once a step has changed it. */
  text: string | null;
  deadline: StepContext['deadline'];
  lastHeartbeatAt: string | null;
  change: Pick<StateChange, 'deadline' | 'announcedBy'> | undefined;
};

/** A deadline set in this very batch: it begins later, by the database's clock, so no marker can name it yet. */
const NOT_YET = '';

/**
 * Decides a batch in order, from the rows that were loaded for it. Does no I/O: the same rows and messages give the same
 * decisions.
 */
export function decideBatch<R extends Decidable>(
  machine: Machine,
  batch: readonly R[],
  loaded: LoadedRows,
  shared: Pick<StepContext, 'timings' | 'fleetSize'>,
): Decisions<R> {
  const current = new Map<string, Current>();
  const seen = new Set<string>();
  const entries: JournalEntry[] = [];
  const outgoing: OutgoingRecord[] = [];
  const announced: Announced[] = [];
  const rejected: { received: R; reason: string }[] = [];
  const steps: { received: R; from: string; step: Step }[] = [];
  let repeated = 0;
  for (const received of batch) {
    const { message } = received;
    const { nodeId } = message.payload as { nodeId: string };
    const identity = `${nodeId} ${message.eventId}`;
    if (seen.has(identity)) continue;
    const recorded = loaded.outputs.get(identity);
    if (recorded !== undefined) {
      seen.add(identity);
      repeated++;
      const again = recordedOutputs(recorded, received.traceparent);
      outgoing.push(...again);
      // Whoever stored them may have died before they were published, or before the deadline began.
      if (again.length > 0) announced.push({ nodeId, eventId: message.eventId });
      continue;
    }
    const node = currentOf(current, nodeId, loaded.rows.get(nodeId));
    const from = node.state?.status ?? machine.initialStatus;
    let step: Step;
    let outputs: readonly Addressed[];
    try {
      step = machine.decide(node.state, message, {
        ...shared,
        deadline: node.deadline,
        lastHeartbeatAt: node.lastHeartbeatAt,
      });
      outputs = addressed(machine, received, step);
    } catch (error) {
      rejected.push({ received, reason: errorText(error) });
      continue;
    }
    steps.push({ received, from, step });
    const journalled = machine.isJournalled(step);
    if (step.ignored === null) advance(node, received, step, journalled);
    else if (node.state === null || !machine.isJournalledInput(message)) continue;
    if (!journalled) continue;
    seen.add(identity);
    entries.push(entryOf(machine, received, step, from, node, outputs));
    outgoing.push(...outputs.map(({ record }) => record));
    if (announces(step)) announced.push({ nodeId, eventId: message.eventId });
  }
  return { changes: changesOf(current), entries, outgoing, announced, rejected, steps, repeated };
}

function currentOf(current: Map<string, Current>, nodeId: string, row: NodeRow | undefined): Current {
  let node = current.get(nodeId);
  if (node === undefined) {
    node = {
      expectedVersion: row?.version ?? 0,
      version: row?.version ?? 0,
      state: row?.state ?? null,
      text: null,
      deadline: row?.deadline ?? null,
      lastHeartbeatAt: row?.lastHeartbeatAt ?? null,
      change: undefined,
    };
    current.set(nodeId, node);
  }
  return node;
}

function advance(node: Current, { message }: Decidable, step: Step, journalled: boolean): void {
  const { deadline } = step;
  node.state = step.state;
  if (journalled) {
    node.version++;
    node.text = JSON.stringify(step.state);
  } else node.lastHeartbeatAt = new Date(message.appendedAt).toISOString();
  if (deadline !== 'keep') node.deadline = deadline === null ? null : { kind: deadline.kind, at: NOT_YET };
  // Null disarms: a step of the same batch that keeps the deadline must not bring back the one in the row.
  const before = node.change === undefined ? 'keep' : node.change.deadline;
  node.change =
    deadline === 'keep'
      ? { deadline: before, announcedBy: node.change?.announcedBy ?? null }
      : { deadline, announcedBy: announces(step) ? message.eventId : null };
}

/** A deadline that outputs tell of begins when they stand in the log: until then nobody can know of it. */
function announces({ deadline, outputs }: Step): boolean {
  return deadline !== null && deadline !== 'keep' && outputs.length > 0;
}

function changesOf(current: ReadonlyMap<string, Current>): StateChange[] {
  const changes: StateChange[] = [];
  for (const [nodeId, { change, state, ...node }] of current) {
    if (change !== undefined && state !== null) {
      changes.push({
        nodeId,
        expectedVersion: node.expectedVersion,
        version: node.version,
        status: state.status,
        state: node.text,
        ...change,
        lastHeartbeatAt: node.lastHeartbeatAt,
      });
    }
  }
  return changes.sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
}

type Addressed = { readonly record: OutgoingRecord & { readonly value: string }; readonly topic: TopicSuffix };

/** Outputs with everything that follows from the input: id, time, correlation, causation, topic, key. */
function addressed(machine: Machine, { message, traceparent }: Decidable, step: Step): readonly Addressed[] {
  const { nodeId } = message.payload as { nodeId: string };
  return step.outputs.map((output, index) => {
    const full = {
      eventId: outputId(message.eventId, machine.name, nodeId, index),
      eventType: output.eventType,
      eventTimestamp: new Date(message.appendedAt).toISOString(),
      sourceNodeId: machine.registryId,
      correlationId: step.correlationId,
      causationId: message.eventId,
      payload: output.payload,
    } as Message;
    const topic = topicOfOutput(output);
    return { topic, record: { topic, key: nodeId, value: encode(full), headers: headersOf(full, traceparent) } };
  });
}

function topicOfOutput(output: Output): TopicSuffix {
  return output.eventType === 'DEADLINE_PASSED' ? DEADLINE_TOPICS[output.payload.kind] : topicOf(output.eventType);
}

function entryOf(
  machine: Machine,
  { message, text }: Decidable,
  step: Step,
  from: string,
  node: Current,
  outputs: readonly Addressed[],
): JournalEntry {
  const { nodeId } = message.payload as { nodeId: string };
  return {
    nodeId,
    eventId: message.eventId,
    version: node.version,
    eventType: message.eventType,
    input: text,
    context: step.used === null ? null : JSON.stringify(step.used),
    rule: step.rule,
    fromStatus: from,
    path: [from, ...step.path].join(' > '),
    toStatus: step.path.at(-1) ?? from,
    stateAfter: step.ignored === null ? node.text : null,
    outputs: `[${outputs.map(({ topic, record: { value } }) => `{"topic":"${topic}","message":${value}}`).join(',')}]`,
    correlationId: step.correlationId,
    causationId: message.causationId,
    occurredAt: new Date(message.appendedAt).toISOString(),
    contractVersion: machine.contractVersion,
  };
}

type RecordedOutput = {
  readonly topic: TopicSuffix;
  readonly message: { event_type: string; correlation_id: string; payload: { node_id: string } };
};

/** The journal's text of outputs, as records again: byte for byte what was published the first time. */
export function recordedOutputs(recorded: string, traceparent: string | undefined): OutgoingRecord[] {
  return (JSON.parse(recorded) as RecordedOutput[]).map(({ topic, message }) => ({
    topic,
    key: message.payload.node_id,
    value: JSON.stringify(message),
    headers: headersOf(
      { eventType: message.event_type, correlationId: message.correlation_id } as Message,
      traceparent,
    ),
  }));
}
