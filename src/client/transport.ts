import type { Message, MessageType } from '../messages/index.js';
import type { NodeMessageType } from './node-protocol.js';

/** How nodes and registry hear each other. One transport serves many nodes; implementations know nothing of the protocol. */
export interface Transport {
  /**
   * Connects, and fixes the position from which the registry is heard: nothing said after the return is missed. Keeps
   * trying while the registry's side is away, telling `listener.trouble` why; throws {@link TransportUnavailable} with
   * the last reason when the signal ends the wait.
   */
  open(listener: Listener, signal?: AbortSignal): Promise<void>;
  /**
   * Resolves when the messages are safe, in order per node. Keeps trying through outages (so they may arrive twice);
   * rejects when they can never be sent, or the transport is closed first.
   */
  send(messages: readonly Message<NodeMessageType>[]): Promise<void>;
  /** Resolves when everything said to the nodes before the call has been heard, or rejects with the signal's reason. */
  settle(signal: AbortSignal): Promise<void>;
  /** Stops hearing and drops what is not sent yet. Not while it opens: that is ended by the signal. */
  close(): Promise<void>;
}

export interface Listener {
  /** What it wants to hear. A transport may bring more: all that travels the same way. */
  readonly types: readonly MessageType[];
  /** Asked for every message to one node, before it is read. */
  knows(nodeId: string): boolean;
  /** Called in order per node and type, any number of times for the same message. */
  hear(heard: Heard): void;
  /** After one or several `hear`: everything that came together has been delivered. */
  heardAll(): void;
  /** Something is away and waited for; for people. */
  trouble(reason: string): void;
  /** From now on the registry's side cannot be spoken to, or not be heard, until {@link back}. */
  away?(reason: string): void;
  /** Everything that was away is there again. */
  back?(): void;
}

/**
 * Headers that a message gets beside its usual ones. `body` is what goes out to the byte: the value of a record on Kafka, the body of
 * a post over HTTP. Called again for each repetition over HTTP.
 */
export type MessageHeaders = (message: Message<NodeMessageType>, body: string) => Readonly<Record<string, string>>;

export type Heard = {
  /** Null: said to all nodes at once. A transport may instead bring it once for each of them. */
  readonly nodeId: string | null;
  /** Value as it came. Part of a larger buffer: copy it to keep it. */
  readonly value: Buffer;
  readonly decoded: { readonly ok: true; readonly message: Message } | { readonly ok: false; readonly reason: string };
};

export class TransportUnavailable extends Error {
  override readonly name = 'TransportUnavailable';
}
