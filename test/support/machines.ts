import { decode, encode, type Input, type Message } from '../../src/messages/index.js';
import { orchestratorHandlers } from '../../src/orchestrator/orchestrator.js';
import { REDUCER_HANDLERS } from '../../src/reducer/reducer.js';
import type { JournalEntry, LoadedRows, NodeRow, StateChange } from '../../src/runtime/journal/rows.js';
import { decideBatch, type Decisions } from '../../src/runtime/lanes/decide-batch.js';
import type { Decidable } from '../../src/runtime/lanes/intake.js';
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

export const SHARED = { timings: TIMINGS, fleetSize: null };

/** Tables as PostgreSQL keeps them: everything in them is text. */
export class Storage {
  readonly rows = new Map<string, NodeRow>();
  readonly journal: JournalEntry[] = [];

  load(): LoadedRows {
    return {
      rows: new Map(this.rows),
      outputs: new Map(this.journal.map((entry) => [`${entry.nodeId} ${entry.eventId}`, entry.outputs])),
    };
  }

  decide(machine: Machine, ...batch: readonly Decidable[]): Decisions {
    const decisions = decideBatch(machine, batch, this.load(), SHARED);
    this.keep(decisions);
    return decisions;
  }

  keep({ changes, entries }: Pick<Decisions, 'changes' | 'entries'>): void {
    for (const change of changes) this.write(change);
    this.journal.push(...(JSON.parse(JSON.stringify(entries)) as JournalEntry[]));
  }

  private write({ nodeId, expectedVersion, version, state, deadline, lastHeartbeatAt }: StateChange): void {
    const row = this.rows.get(nodeId);
    if ((row?.version ?? 0) !== expectedVersion)
      throw new Error(`${nodeId} is at ${row?.version}, not ${expectedVersion}`);
    this.rows.set(nodeId, {
      version,
      state: state === null ? (row?.state ?? null) : (JSON.parse(state) as NodeRow['state']),
      deadline:
        deadline === 'keep'
          ? (row?.deadline ?? null)
          : deadline && { kind: deadline.kind, at: at(deadline.afterMs / 1000) },
      lastHeartbeatAt,
    });
  }
}

/** What a published record says. */
export function messageIn({ topic, key, value }: Decisions['outgoing'][number]): Message {
  const decoded = decode(topic, { key, value: Buffer.from(value) });
  if (!decoded.ok) throw new Error(decoded.reason);
  return decoded.message;
}
