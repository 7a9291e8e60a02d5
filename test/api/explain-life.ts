import {
  resultId,
  type Backend,
  type Input,
  type Intent,
  type Message,
  type MessageType,
} from '../../src/messages/index.js';
import type { MachineEntry } from '../../src/runtime/journal/rows.js';
import { CONSUL_REFUSES, introspection, NODE, POSTGRES_REFUSES, T0 } from '../support/builders.js';
import { machineNamed, messageIn, REGISTRY_ID, Storage, taken } from '../support/machines.js';

export type MachineName = 'orchestrator' | 'reducer';
export type Journalled = { readonly machine: MachineName; readonly entry: MachineEntry };

/** What a backend does with what it is asked for. */
type Behaviour = 'takes' | 'refuses' | 'is away';

const HEARD_BY_REDUCER: readonly MessageType[] = [
  'NODE_REGISTRATION_INITIATED',
  'NODE_DEREGISTRATION_INITIATED',
  'NODE_BECAME_ACTIVE',
];
const HEARD_BY_ORCHESTRATOR: readonly MessageType[] = [
  'REGISTRATION_PARTIAL',
  'REGISTRATION_COMPLETED',
  'REGISTRATION_FAILED',
];
const CONFIRMED_BY: Readonly<Partial<Record<Intent['intentType'], MessageType>>> = {
  'consul.register': 'CONSUL_REGISTERED',
  'consul.deregister': 'CONSUL_DEREGISTERED',
  'postgres.upsert_registration': 'POSTGRES_REGISTRATION_UPSERTED',
  'postgres.deactivate_registration': 'POSTGRES_REGISTRATION_DEACTIVATED',
};

/**
 * The life of one node in the real machines: what is said to one of them is decided, and what comes of it goes on to the other and
 * to the backends, each message 10 ms behind the one before, until nothing more follows.
 */
export class Life {
  readonly backends: Record<Backend, Behaviour> = { consul: 'takes', postgres: 'takes' };
  /** Of both machines, in the order in which it was written. */
  readonly journal: Journalled[] = [];
  readonly storage = { orchestrator: new Storage(), reducer: new Storage() } as const;
  private readonly machines = { orchestrator: machineNamed('orchestrator'), reducer: machineNamed('reducer') } as const;
  private readonly waiting: Message[] = [];
  /** Append time of the last message. */
  now = T0;

  /** A message that nothing before has caused, at its own time. */
  say(...messages: readonly Input[]): this {
    for (const message of messages) {
      this.now = Math.max(this.now, message.appendedAt);
      this.take('orchestrator', message);
      this.settle();
    }
    return this;
  }

  /** A node as most are: it introduces itself at second 1. */
  introduce(): this {
    return this.say(introspection(1));
  }

  /** Deadline of the node as it stands in its row. */
  get deadline(): { readonly kind: string; readonly at: string } {
    const deadline = this.storage.orchestrator.rowOf('orchestrator', NODE)?.deadline ?? null;
    if (deadline === null) throw new Error('no deadline is armed');
    return deadline;
  }

  private settle(): void {
    for (let message = this.waiting.shift(); message !== undefined; message = this.waiting.shift()) {
      if (HEARD_BY_REDUCER.includes(message.eventType)) this.take('reducer', this.appended(message));
      else if (HEARD_BY_ORCHESTRATOR.includes(message.eventType)) this.take('orchestrator', this.appended(message));
      else if (message.eventType === 'CONSUL_INTENT') this.carryOut('consul', message);
      else if (message.eventType === 'POSTGRES_INTENT') this.carryOut('postgres', message);
    }
  }

  private take(machine: MachineName, message: Input): void {
    const storage = this.storage[machine];
    const before = storage.journal.length;
    if (message.eventType === 'NODE_HEARTBEAT') storage.hear(machine, message);
    const { outgoing, rejected } = storage.decide(this.machines[machine], taken(message));
    if (rejected[0] !== undefined) throw new Error(rejected[0].reason);
    this.journal.push(...storage.journal.slice(before).map((entry) => ({ machine, entry })));
    this.waiting.push(...outgoing.map(messageIn));
  }

  private carryOut(backend: Backend, message: Message<'CONSUL_INTENT'> | Message<'POSTGRES_INTENT'>): void {
    const intent: Intent = message.payload.intent.payload;
    if (this.backends[backend] === 'is away') return;
    const { errorCode, errorMessage } = backend === 'consul' ? CONSUL_REFUSES : POSTGRES_REFUSES;
    const refuses = this.backends[backend] === 'refuses';
    const answer = {
      ...message,
      eventId: resultId(message.eventId, backend, NODE),
      eventType: refuses ? 'REGISTRY_EFFECT_FAILED' : CONFIRMED_BY[intent.intentType],
      causationId: message.eventId,
      payload: {
        ...{ nodeId: NODE, backend, operation: intent.intentType, durationMs: 1 },
        ...{ revision: intent.revision, attemptId: intent.attemptId },
        ...(refuses ? { errorCode, errorMessage } : {}),
      },
    };
    this.take('reducer', this.appended(answer as unknown as Message));
  }

  private appended(message: Message): Input {
    this.now += 10;
    return { ...message, appendedAt: this.now };
  }
}

/** A command as the API publishes it: the registry stands as its source. */
export function byTheApi(message: Input): Input {
  return { ...message, sourceNodeId: REGISTRY_ID };
}
