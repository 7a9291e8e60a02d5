import { DEADLINE_TOPICS, decode, encode, topicOf, type Input, type Message } from '../../src/messages/index.js';
import { orchestratorHandlers } from '../../src/orchestrator/orchestrator.js';
import { REDUCER_HANDLERS } from '../../src/reducer/reducer.js';
import {
  entryKey,
  rowKey,
  type JournalEntry,
  type LoadedRows,
  type MachineEntry,
  type NodeRow,
  type StateChange,
} from '../../src/runtime/journal/rows.js';
import type { Wanted } from '../../src/runtime/journal/transact.js';
import { decideBatch, type Decisions, type Shared } from '../../src/runtime/lanes/decide-batch.js';
import type { Decidable } from '../../src/runtime/lanes/intake.js';
import type { LogRecord, OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { Machine } from '../../src/runtime/lanes/machine.js';
import type { MachineHandler } from '../../src/runtime/lanes/step.js';
import { HandlerRegistry } from '../../src/runtime/routing/handler-registry.js';
import { HandlerRouting } from '../../src/runtime/routing/handler-routing.js';
import { at } from './builders.js';
import { contractOf } from './contracts.js';
import { OPEN, TIMINGS } from './workflow.js';

export const REGISTRY_ID = 'rollcall';

/** A machine as the runtime has it; `spoil` puts another handler in a real one's place. */
export function machineNamed(
  name: 'orchestrator' | 'reducer',
  spoil: (handler: MachineHandler) => MachineHandler = (handler) => handler,
): Machine {
  const contract = contractOf(name);
  const registry = new HandlerRegistry<MachineHandler>();
  const handlers = (
    name === 'orchestrator' ? orchestratorHandlers(OPEN) : REDUCER_HANDLERS
  ) as readonly MachineHandler[];
  for (const handler of handlers) registry.registerHandler(spoil(handler));
  registry.freeze();
  const routing = new HandlerRouting(contract, registry);
  routing.init();
  return new Machine(contract, routing, REGISTRY_ID);
}

/** A message as a lane takes it in. */
export function taken(message: Input, traceparent?: string): Decidable {
  const { appendedAt, ...sent } = message;
  return { message: { ...sent, appendedAt }, text: encode(sent), traceparent };
}

/** What the step loop asks of the store for a batch that one machine takes. */
export function wantedBy({ name }: Machine, messages: readonly Input[]): Wanted {
  return {
    inputs: messages.map(({ eventId, payload }) => ({ machine: name, nodeId: payload.nodeId ?? '', eventId })),
    machines: [name],
    looksAtDeadlines: messages.some(({ eventType }) => eventType === 'DEADLINE_PASSED'),
  };
}

export const SHARED = { timings: TIMINGS, fleetSize: null };

/** Tables as PostgreSQL keeps them: everything in them is text. */
export class Storage {
  /** By machine and node. */
  readonly rows = new Map<string, NodeRow>();
  readonly journal: MachineEntry[] = [];

  rowOf(machine: string, nodeId: string): NodeRow | undefined {
    return this.rows.get(rowKey(machine, nodeId));
  }

  /** As they stand in the journal: the machine is beside them. */
  entriesOf(machine: string): readonly JournalEntry[] {
    return this.journal.flatMap(({ machine: taker, ...entry }) => (taker === machine ? [entry] : []));
  }

  /** What the heartbeat lane does of a node that it is expected of: nothing but this column, and the deadline, moves. */
  hear(machine: string, { payload, appendedAt }: Input<'NODE_HEARTBEAT'>): void {
    const row = this.rowOf(machine, payload.nodeId);
    if (row?.deadline?.kind !== 'liveness') return;
    this.rows.set(rowKey(machine, payload.nodeId), { ...row, lastHeartbeatAt: new Date(appendedAt).toISOString() });
  }

  load(): LoadedRows {
    return {
      rows: new Map(this.rows),
      outputs: new Map(
        this.journal.map(({ machine, nodeId, eventId, outputs }) => [entryKey(machine, nodeId, eventId), outputs]),
      ),
    };
  }

  decide(machine: Machine, ...batch: readonly Decidable[]): Decisions {
    return this.decideWith(SHARED, machine, ...batch);
  }

  decideWith(shared: Shared, machine: Machine, ...batch: readonly Decidable[]): Decisions {
    const taken = batch.map((one) => ({ ...one, machine }));
    const decisions = decideBatch(taken, this.load(), shared);
    this.keep(decisions);
    return decisions;
  }

  keep({ changes, entries }: Pick<Decisions, 'changes' | 'entries'>): void {
    for (const change of changes) this.write(change);
    this.journal.push(...(JSON.parse(JSON.stringify(entries)) as MachineEntry[]));
  }

  private write({ machine, nodeId, expectedVersion, version, text, deadline }: StateChange): void {
    const key = rowKey(machine, nodeId);
    const row = this.rows.get(key);
    if ((row?.version ?? 0) !== expectedVersion)
      throw new Error(`${key} is at ${row?.version}, not ${expectedVersion}`);
    this.rows.set(key, {
      version,
      state: JSON.parse(text) as NodeRow['state'],
      deadline:
        deadline === 'keep'
          ? (row?.deadline ?? null)
          : deadline && { kind: deadline.kind, at: at(deadline.afterMs / 1000) },
      lastHeartbeatAt: row?.lastHeartbeatAt ?? null,
    });
  }
}

/** What a published record says. */
export function messageIn({ topic, key, value }: Pick<OutgoingRecord | LogRecord, 'topic' | 'key' | 'value'>): Message {
  const decoded = decode(topic, { key, value: value === null ? null : Buffer.from(value) });
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.message;
}

let appended = 0;

/** A message as a transport reads it, each at a place of its own. */
export function recordOf(message: Input): LogRecord {
  const { appendedAt, ...sent } = message;
  const topic =
    message.eventType === 'DEADLINE_PASSED' ? DEADLINE_TOPICS[message.payload.kind] : topicOf(message.eventType);
  return {
    topic,
    topicName: `dev.onex.${topic}`,
    partition: 0,
    offset: String(appended++),
    key: Buffer.from(message.payload.nodeId ?? ''),
    value: Buffer.from(encode(sent)),
    headers: {},
    appendedAt,
  };
}
