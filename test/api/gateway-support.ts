import { SseParser } from '../../src/client/http/sse-parser.js';
import type { Input } from '../../src/messages/index.js';
import type { Database, LogRecord, OutgoingRecord } from '../../src/runtime/index.js';
import { Journal } from '../../src/runtime/journal/journal.js';
import { decideBatch } from '../../src/runtime/lanes/decide-batch.js';
import { acked, completed, introspection } from '../support/builders.js';
import { machineNamed, SHARED, taken, wantedBy } from '../support/machines.js';
import type { TestBus } from './test-app.js';

/** An event as a reader gets it; `id` is its position once it has been heard. */
export type Told = { readonly id: string; readonly type: string; readonly data: string };

/** Reads a stream of events until it is closed. */
export class Reader {
  readonly told: Told[] = [];
  readonly comments: string[] = [];
  hasEnded = false;
  private readonly parser = new SseParser();
  private readonly controller = new AbortController();

  static async open(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Reader> {
    const reader = new Reader();
    const response = await fetch(url, { headers, signal: reader.controller.signal });
    if (response.status !== 200 || response.body === null)
      throw new Error(`${response.status} ${await response.text()}`);
    void reader.read(response.body).catch(() => undefined);
    return reader;
  }

  get position(): string {
    return this.parser.lastEventId;
  }

  get types(): readonly string[] {
    return this.told.map(({ type }) => type);
  }

  close(): void {
    this.controller.abort();
  }

  private async read(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const bytes of body) {
        for (const byte of bytes) {
          // One by one, so that the position is that of the very event.
          for (const item of this.parser.push(Uint8Array.of(byte))) {
            if (item.kind === 'comment') this.comments.push(item.text);
            else this.told.push({ id: this.parser.lastEventId, type: item.type, data: item.data });
          }
        }
      }
    } finally {
      this.hasEnded = true;
    }
  }
}

/** The orchestrator over a real database: decides, stores, and tells the bus, as the runtime does. */
export class Decider {
  readonly published: OutgoingRecord[] = [];
  private readonly machine = machineNamed('orchestrator');
  private readonly journal: Journal;

  constructor(
    database: Database,
    private readonly bus: TestBus,
  ) {
    this.journal = new Journal(database);
  }

  async decide(nodeId: string, ...messages: readonly Input[]): Promise<void> {
    const { machine } = this;
    const told = messages.map((message) => about(nodeId, message));
    const batch = told.map((message) => ({ ...taken(message), machine }));
    const { outgoing, announced } = await this.journal.transact(wantedBy(machine, told), (loaded) =>
      decideBatch(batch, loaded, SHARED),
    );
    this.published.push(...outgoing);
    if (announced.length > 0) await this.journal.startDeadlines(announced);
    for (const follower of this.bus.followers) {
      follower.decided([nodeId]);
      follower.heard(outgoing.map(heardAs));
    }
  }

  /** From nothing to active: ACCEPTED, ACK_RECEIVED, BECAME_ACTIVE, at the versions 2 and 3. */
  async activate(nodeId: string): Promise<void> {
    await this.decide(nodeId, introspection(1));
    await this.decide(nodeId, completed(2, { attempt: 1, version: 1 }));
    await this.decide(nodeId, acked(3, 1));
  }

  /** Values that were published for a node, of the types given. */
  values(nodeId: string, types: readonly string[]): readonly string[] {
    return this.published
      .filter(({ key, headers }) => key === nodeId && types.includes(String(headers['event_type'])))
      .map(({ value }) => String(value));
  }
}

export function heardAs({ topic, key, value, headers }: OutgoingRecord): LogRecord {
  return {
    topic,
    topicName: `test.${topic}`,
    partition: 0,
    offset: '0',
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
    headers,
    appendedAt: 0,
  };
}

/** The message as if it were about another node. */
export function about(nodeId: string, message: Input): Input {
  return { ...message, sourceNodeId: nodeId, payload: { ...message.payload, nodeId } } as Input;
}
