import type { Message, MessageType } from '../messages/index.js';
import type { NodeMessageType } from './node-protocol.js';
import type { Heard, Listener, Transport } from './transport.js';
import { within } from './within.js';

/** A registry that is away for less is not worth a word: streams are cut by proxies, and replicas restart. */
const LOST_AFTER_MS = 2000;
const CLOSED_WITHIN_MS = 2000;

export type ConnectionEvents = {
  readonly heard: (message: Message) => void;
  readonly lost: (reason: string) => void;
  readonly found: (afterMs: number) => void;
  readonly failed: (error: Error) => void;
};

/** One node's way to the registry: opened in the background, through outages. What is said before waits for it. */
export class Connection {
  readonly #stopped = new AbortController();
  #opened: Promise<Transport> | undefined;
  #isOpen = false;
  #isLost = false;
  #awaySince: number | undefined;
  #grace: NodeJS.Timeout | undefined;

  constructor(
    private readonly nodeId: string,
    private readonly types: readonly MessageType[],
    private readonly events: ConnectionEvents,
  ) {}

  get isConnected(): boolean {
    return this.#isOpen && !this.#isLost;
  }

  open(make: () => Promise<Transport>): void {
    this.#opened = this.#open(make);
    this.#opened.catch((error: unknown) => {
      if (!this.#stopped.signal.aborted) this.events.failed(error as Error);
    });
  }

  /** Resolves when the registry's log has the messages; rejects when it refuses them, or the connection is closed first. */
  async say(messages: readonly Message<NodeMessageType>[]): Promise<void> {
    if (messages.length === 0) return;
    if (this.#opened === undefined) throw new Error('the connection is not open');
    const transport = await this.#opened;
    await transport.send(messages);
  }

  /** Whether anything can have been said. */
  get wasOpen(): boolean {
    return this.#isOpen;
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#grace);
    // One that is still opening is closed as soon as it is open, which nobody has to wait for.
    const closed = this.#opened?.then((transport) => transport.close());
    await within(
      CLOSED_WITHIN_MS,
      Promise.resolve(closed).catch(() => undefined),
      undefined,
    );
  }

  async #open(make: () => Promise<Transport>): Promise<Transport> {
    const transport = await make();
    try {
      await transport.open(this.#listener(), this.#stopped.signal);
    } catch (error) {
      await transport.close();
      throw error;
    }
    this.#isOpen = true;
    this.#back();
    return transport;
  }

  #listener(): Listener {
    return {
      types: this.types,
      knows: (nodeId) => nodeId === this.nodeId,
      hear: (heard) => this.#hear(heard),
      heardAll: () => undefined,
      trouble: () => undefined,
      away: (reason) => this.#away(reason),
      back: () => this.#back(),
    };
  }

  #hear({ decoded }: Heard): void {
    if (this.#stopped.signal.aborted) return;
    if (decoded.ok) this.events.heard(decoded.message);
    else this.events.failed(new Error(`what the registry said cannot be read: ${decoded.reason}`));
  }

  #away(reason: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#awaySince ??= performance.now();
    this.#grace ??= setTimeout(() => {
      this.#isLost = true;
      this.events.lost(reason);
    }, LOST_AFTER_MS);
  }

  #back(): void {
    if (!this.#isOpen) return;
    clearTimeout(this.#grace);
    this.#grace = undefined;
    const afterMs = Math.round(performance.now() - (this.#awaySince ?? performance.now()));
    this.#awaySince = undefined;
    if (!this.#isLost) return;
    this.#isLost = false;
    this.events.found(afterMs);
  }
}
