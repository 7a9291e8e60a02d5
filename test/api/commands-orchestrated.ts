import { decode, type Input, type PayloadOf } from '../../src/messages/index.js';
import { Journal } from '../../src/runtime/journal/journal.js';
import type { OutgoingRecord } from '../../src/runtime/index.js';
import { decideBatch, type Decisions } from '../../src/runtime/lanes/decide-batch.js';
import { id, input } from '../support/builders.js';
import { machineNamed, messageIn, SHARED, taken, wantedBy } from '../support/machines.js';
import type { StateDatabase } from './state-database.js';
import type { TestBus } from './test-app.js';

type Asked = PayloadOf<'NODE_REGISTRATION_INITIATED'> | PayloadOf<'NODE_DEREGISTRATION_INITIATED'>;

/** The real orchestrator over the real journal, driven by hand: the test says when a command is taken, and what backends answer. */
export class Orchestrated {
  private readonly machine = machineNamed('orchestrator');
  private readonly journal: Journal;
  private static made = 0;
  private count = 1000 * ++Orchestrated.made;

  constructor(
    { database }: StateDatabase,
    private readonly bus: TestBus,
  ) {
    this.journal = new Journal(database);
  }

  /** Decides on a published record. Resolves to what it asks the backends for, if it does. */
  async take(record: OutgoingRecord): Promise<Asked | null> {
    const decoded = decode(record.topic, { key: record.key, value: Buffer.from(record.value as string) });
    if (!decoded.ok) throw new Error(decoded.reason);
    return this.decide({ ...decoded.message, appendedAt: Date.now() });
  }

  /** The backends have done what was asked for. */
  async complete(asked: Asked): Promise<void> {
    await this.progress('REGISTRATION_COMPLETED', asked, { confirmed: ['consul', 'postgres'] });
  }

  /** One backend took it, the other never will; or both never will. */
  async fail(asked: Asked, confirmed: readonly ('consul' | 'postgres')[]): Promise<void> {
    const errors = [{ backend: 'consul', errorCode: 'CONSUL_VALIDATION_ERROR', errorMessage: 'no' }] as const;
    await this.progress('REGISTRATION_FAILED', asked, { confirmed, errors });
  }

  /** A node that is active, registered by a command that nobody asks for. */
  async activate(nodeId: string): Promise<void> {
    const payload = {
      ...{ nodeId, nodeType: 'effect', nodeVersion: '1.0.0', capabilities: {}, endpoints: {}, metadata: {} },
      ...{ reason: 'startup', acknowledgement: 'waived', liveness: 'none' },
    } as PayloadOf<'REGISTER_NODE'>;
    await this.complete((await this.decide(this.next('REGISTER_NODE', payload)))!);
  }

  private async progress(
    type: 'REGISTRATION_COMPLETED' | 'REGISTRATION_FAILED',
    asked: Asked,
    fields: Partial<PayloadOf<'REGISTRATION_FAILED'>>,
  ): Promise<void> {
    const { nodeId, attemptId, workflowVersion } = asked;
    const kind = 'kind' in asked ? asked.kind : ('deregister' as const);
    const common = { nodeId, attemptId, workflowVersion, kind, revision: 1, pending: [], errors: [], confirmed: [] };
    await this.decide(this.next(type, { ...common, ...fields }));
  }

  private next<T extends 'REGISTER_NODE' | 'REGISTRATION_COMPLETED' | 'REGISTRATION_FAILED'>(
    type: T,
    payload: PayloadOf<T>,
  ): Input {
    const n = ++this.count;
    return { ...input(n, type, payload), eventId: id(n), appendedAt: Date.now() } as unknown as Input;
  }

  private async decide(message: Input): Promise<Asked | null> {
    const { nodeId } = message.payload as { nodeId: string };
    const { machine } = this;
    const wanted = wantedBy(machine, [message]);
    const decisions: Decisions = await this.journal.transact(wanted, (loaded) =>
      decideBatch([{ ...taken(message), machine }], loaded, SHARED),
    );
    for (const follower of this.bus.followers) follower.decided([nodeId]);
    const asked = decisions.outgoing
      .map(messageIn)
      .find(({ eventType }) => eventType.endsWith('REGISTRATION_INITIATED'));
    return asked === undefined ? null : (asked.payload as Asked);
  }
}

export function withHeaders(init: RequestInit, headers: Readonly<Record<string, string>>): RequestInit {
  return { ...init, headers: { ...(init.headers as Record<string, string>), ...headers } };
}
