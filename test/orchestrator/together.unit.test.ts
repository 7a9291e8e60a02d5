import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  outputId,
  type ConsulIntent,
  type Input,
  type Message,
  type MessageType,
  type PostgresIntent,
} from '../../src/messages/index.js';
import type { Context, Step, WorkflowState } from '../../src/orchestrator/state.js';
import { reduce } from '../../src/reducer/reduce.js';
import type { ReducerInput, ReducerState } from '../../src/reducer/state.js';
import * as build from '../support/builders.js';
import { contractOf } from '../support/contracts.js';
import { machineOf } from '../support/table.js';
import { CONTEXT, orchestrate, type OrchestratorInput } from '../support/workflow.js';

/** Orchestrator, reducer and two obedient backends around topics: each in order, but none in step with another. */
type Held = { revision: number; present: boolean; health: string | null; types: Set<string> };

const TABLES = { orchestrator: machineOf(contractOf('orchestrator')), reducer: machineOf(contractOf('reducer')) };
const REDUCED: ReadonlySet<string> = new Set([
  'NODE_REGISTRATION_INITIATED',
  'NODE_DEREGISTRATION_INITIATED',
  'NODE_BECAME_ACTIVE',
]);
const PROGRESS: ReadonlySet<string> = new Set([
  'REGISTRATION_PARTIAL',
  'REGISTRATION_COMPLETED',
  'REGISTRATION_FAILED',
]);

class World {
  state: WorkflowState | null = null;
  desire: ReducerState | null = null;
  deadline: Context['deadline'] = null;
  readonly consul: Held = { revision: 0, present: false, health: null, types: new Set() };
  readonly postgres: Held = { revision: 0, present: false, health: null, types: new Set() };
  readonly topics = new Map<string, Input[]>();
  readonly told: string[] = [];
  private clock = 0;

  send(make: (n: number) => Input): void {
    this.append('outside', make(++this.clock));
  }

  /** Delivers the next message of the topic number `choice` of those that have any. */
  deliver(choice: number): boolean {
    const waiting = [...this.topics.values()].filter((topic) => topic.length > 0);
    const message = waiting[choice % Math.max(1, waiting.length)]?.shift();
    if (message === undefined) return false;
    this.take({ ...message, appendedAt: build.T0 + ++this.clock * 1000 });
    return true;
  }

  deliverAll(): void {
    let choice = 0;
    while (this.deliver(choice++)) if (choice > 10_000) throw new Error('the messages never end');
  }

  private append(topic: string, message: Input): void {
    this.topics.set(topic, [...(this.topics.get(topic) ?? []), message]);
  }

  private take(message: Input): void {
    if (message.eventType === 'CONSUL_INTENT') this.applyToConsul(message, message.payload.intent.payload);
    else if (message.eventType === 'POSTGRES_INTENT') this.applyToPostgres(message, message.payload.intent.payload);
    else if (
      REDUCED.has(message.eventType) ||
      message.eventType.startsWith('CONSUL') ||
      message.eventType.startsWith('POSTGRES')
    ) {
      const step = reduce(this.desire, message as ReducerInput);
      this.assertDeclared('reducer', this.desire?.status ?? 'idle', message, step.rule);
      this.desire = step.state;
      this.publish('reducer', message, step);
    } else this.decide(message as OrchestratorInput);
  }

  private decide(message: OrchestratorInput): void {
    const step: Step = orchestrate(this.state, message, { ...CONTEXT, deadline: this.deadline });
    this.assertDeclared('orchestrator', this.state?.status ?? 'none', message, step.rule);
    this.state = step.state;
    if (step.deadline === null) this.deadline = null;
    else if (step.deadline !== 'keep')
      this.deadline = {
        kind: step.deadline.kind,
        at: new Date(message.appendedAt + step.deadline.afterMs).toISOString(),
      };
    this.publish('orchestrator', message, step);
  }

  private assertDeclared(machine: keyof typeof TABLES, from: string, { eventType }: Input, rule: string): void {
    expect({ from, eventType, rules: TABLES[machine].table[from]?.[eventType] }).toEqual({
      from,
      eventType,
      rules: expect.arrayContaining([rule]),
    });
  }

  private publish(
    machine: string,
    cause: Input,
    { outputs, correlationId }: Pick<Step, 'outputs' | 'correlationId'>,
  ): void {
    for (const [index, { eventType, payload }] of outputs.entries()) {
      this.told.push(eventType);
      if (!isConsumed(eventType)) continue;
      const eventId = outputId(cause.eventId, machine, build.NODE, index);
      const message = { eventId, eventType, correlationId, causationId: cause.eventId, payload } as Message as Input;
      this.append(PROGRESS.has(eventType) ? 'progress' : eventType, message);
    }
  }

  private applyToConsul(cause: Input, intent: ConsulIntent): void {
    if (intent.intentType === 'consul.remove_service') throw new Error('nobody audits here');
    if (this.isStale(intent.revision)) return;
    const present = intent.intentType === 'consul.register';
    if (present) {
      if (!(intent.onlyHealth && this.consul.present)) {
        intent.otherNodeTypes.forEach((type) => this.consul.types.delete(type));
        this.consul.types.add(intent.record.nodeType);
      }
      this.consul.health = intent.health;
    } else intent.nodeTypes.forEach((type) => this.consul.types.delete(type));
    Object.assign(this.consul, { revision: intent.revision, present });
    const n = ++this.clock;
    this.append('results', {
      ...build.confirmed(n, present ? 'CONSUL_REGISTERED' : 'CONSUL_DEREGISTERED', intent.revision),
      eventId: outputId(cause.eventId, 'consul', build.NODE, 0),
    });
  }

  private applyToPostgres(cause: Input, intent: PostgresIntent): void {
    if (this.isStale(intent.revision)) return;
    const present = intent.intentType === 'postgres.upsert_registration';
    Object.assign(this.postgres, { revision: intent.revision, present, health: present ? intent.state : null });
    const type = present ? 'POSTGRES_REGISTRATION_UPSERTED' : 'POSTGRES_REGISTRATION_DEACTIVATED';
    this.append('results', {
      ...build.confirmed(++this.clock, type, intent.revision),
      eventId: outputId(cause.eventId, 'postgres', build.NODE, 0),
    });
  }

  /** As the runtime's effect lane drops what a newer intent stands for. */
  private isStale(revision: number): boolean {
    return revision < (this.desire?.desired?.revision ?? 0);
  }
}

function isConsumed(type: MessageType): boolean {
  return REDUCED.has(type) || PROGRESS.has(type) || type.endsWith('_INTENT');
}

type Doing = 'deliver' | 'announce' | 'change' | 'retype' | 'restart' | 'ack' | 'deregister' | 'deadline' | 'command';
const doings = fc.array(
  fc.record({
    choice: fc.nat(5),
    doing: fc.oneof(
      { weight: 6, arbitrary: fc.constant<Doing>('deliver') },
      fc.constantFrom<Doing>('announce', 'change', 'retype', 'restart', 'ack', 'deregister', 'deadline', 'command'),
    ),
  }),
  { minLength: 5, maxLength: 80 },
);

function act(world: World, doing: Doing, choice: number): void {
  const incarnation = world.state?.record.incarnation ?? 100;
  switch (doing) {
    case 'deliver':
      world.deliver(choice);
      break;
    case 'announce':
      world.send((n) => build.introspection(n, { incarnation }));
      break;
    case 'change':
      world.send((n) => build.introspection(n, { incarnation, metadata: { choice } }));
      break;
    case 'retype':
      world.send((n) =>
        build.introspection(n, { incarnation, nodeType: choice % 2 === 0 ? 'compute' : 'orchestrator' }),
      );
      break;
    case 'restart':
      world.send((n) => build.introspection(n, { incarnation: incarnation + 1 }));
      break;
    case 'ack':
      world.send((n) => build.acked(n));
      break;
    case 'deregister':
      world.send((n) => build.deregisterNode(n));
      break;
    case 'command':
      world.send((n) => build.registerNode(n, { incarnation: undefined }));
      break;
    case 'deadline': {
      const { deadline } = world;
      if (deadline !== null) world.send((n) => build.deadlinePassed(n, deadline.kind, deadline.at));
    }
  }
}

function afterRandomHistory(check: (world: World) => void): void {
  fc.assert(
    fc.property(doings, (history) => {
      const world = new World();
      for (const { doing, choice } of history) act(world, doing, choice);
      world.deliverAll();
      check(world);
    }),
    { numRuns: 500, seed: 20261121 },
  );
}

describe('orchestrator and reducer, with topics that overtake each other', () => {
  it('come to rest: nothing is pending for ever, and both backends hold what the workflow says', () => {
    const ends = new Set<string>();
    afterRandomHistory((world) => {
      const status = world.state?.status;
      ends.add(status ?? 'none');
      if (world.state === null || world.desire === null) return;
      expect(world.desire).toMatchObject({ status: 'complete', open: [] });
      expect(['awaiting_ack', 'active', 'ack_timed_out', 'liveness_expired', 'deregistered']).toContain(status);
      const present = status === 'active' || status === 'awaiting_ack';
      const { consul, postgres } = world;
      expect({ status, consul: consul.present, postgres: postgres.present }).toEqual({
        status,
        consul: present,
        postgres: present,
      });
      expect([...consul.types]).toEqual(present ? [world.state.record.nodeType] : []);
      expect(world.state.updates).toEqual([]);
      expect(world.state.degraded).toBe(false);
    });
    expect([...ends]).toEqual(expect.arrayContaining(['ack_timed_out', 'active', 'awaiting_ack', 'deregistered']));
  });

  it('show a node as passing exactly while it is active', () => {
    afterRandomHistory(({ state, consul, postgres }) => {
      if (state?.status === 'active') expect([consul.health, postgres.health]).toEqual(['passing', 'active']);
      if (state?.status === 'awaiting_ack')
        expect([consul.health, postgres.health]).toEqual(['critical', 'registered']);
    });
  });

  it('bring every node back to active that starts anew and acknowledges', () => {
    afterRandomHistory((world) => {
      world.send((n) => build.introspection(n, { incarnation: (world.state?.record.incarnation ?? 100) + 1 }));
      world.deliverAll();
      world.send((n) => build.acked(n));
      world.deliverAll();
      expect(world.state?.status).toBe('active');
      expect(world.consul).toMatchObject({ present: true, health: 'passing' });
      expect(world.told.slice(-20)).toEqual(
        expect.arrayContaining(['NODE_REGISTRATION_ACCEPTED', 'NODE_BECAME_ACTIVE']),
      );
    });
  });
});
