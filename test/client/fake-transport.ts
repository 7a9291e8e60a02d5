import type { Heard, Listener, NodeMessageType, Transport } from '../../src/client/index.js';
import type { Message } from '../../src/messages/index.js';

/** A registry's side that does what its test wants, and keeps what was said. */
export class FakeTransport implements Transport {
  readonly sent: Message<NodeMessageType>[] = [];
  isClosed = false;
  /** Resolves when a message is safe; a test may let it wait, or fail. */
  take: (message: Message<NodeMessageType>) => Promise<void> = () => Promise.resolve();
  /** Until when opening takes. */
  ready: Promise<void> = Promise.resolve();
  private heard: Listener | undefined;

  async open(listener: Listener, signal?: AbortSignal): Promise<void> {
    this.heard = listener;
    await Promise.race([
      this.ready,
      new Promise((_resolve, reject) => signal?.addEventListener('abort', () => reject(new Error('not opened')))),
    ]);
  }

  async send(messages: readonly Message<NodeMessageType>[]): Promise<void> {
    this.sent.push(...messages);
    for (const message of messages) await this.take(message);
  }

  settle(): Promise<void> {
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.isClosed = true;
    return Promise.resolve();
  }

  get listener(): Listener {
    if (this.heard === undefined) throw new Error('the transport was not opened');
    return this.heard;
  }

  /** Says it to the node. */
  tell(message: Message): void {
    const heard: Heard = { nodeId: 'n-1', value: Buffer.alloc(0), decoded: { ok: true, message } };
    this.listener.hear(heard);
    this.listener.heardAll();
  }

  /** Types of what was said, or their payloads' reasons. */
  get said(): readonly string[] {
    return this.sent.map(({ eventType, payload }) => ('reason' in payload ? payload.reason : eventType));
  }

  get last(): Message<NodeMessageType> {
    const last = this.sent.at(-1);
    if (last === undefined) throw new Error('nothing was said');
    return last;
  }
}
