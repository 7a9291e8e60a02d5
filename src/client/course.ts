import { randomUUID } from 'node:crypto';
import type { Message } from '../messages/index.js';
import { Connection } from './connection.js';
import { ANSWER_TYPES, NOTICE_TYPES, TOLD_TYPES } from './hear.js';
import { listen, type Told } from './listen.js';
import { measured } from './measured.js';
import * as protocol from './node-protocol.js';
import type { Description, NodeState, NodeStep, Saying } from './node-protocol.js';
import { whyNotActive } from './not-active.js';
import { Pulse } from './pulse.js';
import { untilReady } from './readiness.js';
import { RecentIds } from './recent-ids.js';
import type { Settled } from './settled.js';
import { stamped } from './stamp.js';
import type { Transport } from './transport.js';
import { backoffMs } from './waiting.js';
import { within } from './within.js';

/** Until it is told at which interval to beat. Milliseconds. */
const UNTOLD_INTERVAL_MS = 10_000;
const REMIND_AFTER_MS = 60_000;
const REJOIN_FIRST_MS = 1000;
const REJOIN_LONGEST_MS = 30_000;

type Accepted = Extract<NodeState, { readonly status: 'accepted' }>;

export type CourseEvents = {
  /** Before anybody is told of it. */
  readonly entered: (state: NodeState) => void;
  readonly tell: (...told: Told) => void;
};

/**
 * The shell around the protocol: it has the connection, the timers and the ids, and decides nothing. What it hears and what its timers
 * say become steps of `node-protocol.ts` and `hear.ts`; what these say is sent, in its order.
 */
export class Course {
  readonly #settled: Settled;
  readonly #nodeId: string;
  readonly #connection: Connection;
  readonly #pulse = new Pulse(() => this.#beat());
  readonly #heard = new RecentIds();
  #description: Description;
  #state: NodeState = { status: 'introspected', correlationId: randomUUID() };
  /** Ends with the present state, and with it what is done there. */
  #stay = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #rejoins = 0;

  constructor(
    settled: Settled,
    private readonly events: CourseEvents,
  ) {
    this.#settled = settled;
    this.#description = settled.description;
    this.#nodeId = settled.node.nodeId;
    this.#connection = new Connection(this.#nodeId, [...ANSWER_TYPES, ...NOTICE_TYPES, ...TOLD_TYPES], {
      heard: (message) => this.#hear(message),
      lost: (reason) => events.tell('lost', { reason }),
      found: (afterMs) => events.tell('found', { afterMs }),
      failed: (error) => this.#complain(error),
    });
  }

  get state(): NodeState {
    return this.#state;
  }

  get isConnected(): boolean {
    return this.#connection.isConnected;
  }

  /** Once. `make`: how it speaks with the registry. */
  begin(make: () => Promise<Transport>): void {
    this.#connection.open(make);
    this.#take(protocol.introspect(this.#description, this.#state.correlationId));
  }

  /** What it will say of itself, from the next time on. */
  describe(description: Description): void {
    this.#description = { ...description, reason: 'startup' };
  }

  /** Resolves when the registry's log has it; rejects when it is refused, or the node leaves. */
  change(description: Description): Promise<void> {
    this.describe(description);
    return this.#do(protocol.change(description, this.#state, randomUUID()));
  }

  rejoin(): Promise<void> {
    return this.#do(protocol.rejoin(this.#description, this.#state, randomUUID()));
  }

  /** Resolves when the registry's log has the goodbye (true), or the time is over. */
  async leave(withinMs: number): Promise<boolean> {
    const { state, says } = protocol.goodbye(this.#description, this.#state);
    // Nobody can have heard of it before the connection was open.
    const said = this.#connection.wasOpen ? this.#say(says).then(() => true) : Promise.resolve(false);
    this.#enter(state);
    const told = await within(
      withinMs,
      said.catch(() => false),
      false,
    );
    await this.#connection.close();
    return told;
  }

  #hear(message: Message): void {
    if (message.eventType === 'REGISTRY_REQUEST_INTROSPECTION') {
      if (this.#heard.add(message.eventId))
        this.#take(protocol.answerRequest(this.#description, this.#state, message, randomUUID()));
      return;
    }
    const { state, told } = listen(this.#state, message);
    const isCopy = told !== null && state === this.#state && !this.#heard.add(message.eventId);
    this.#enter(state);
    if (told !== null && !isCopy) this.events.tell(...told);
  }

  #enter(state: NodeState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#stay.abort();
    this.#stay = new AbortController();
    clearTimeout(this.#timer);
    if (state.status === 'active') this.#pulse.start(state.heartbeatIntervalMs ?? UNTOLD_INTERVAL_MS);
    else this.#pulse.stop();
    this.events.entered(state);
    switch (state.status) {
      case 'introspected':
      case 'acknowledged':
        return this.#remindLater();
      case 'accepted':
        return void this.#becomeReady(state);
      case 'active':
        this.#rejoins = 0;
        return;
      case 'ack_timed_out':
      case 'liveness_expired':
        return this.#rejoinLater();
      case 'rejected':
      case 'deregistered':
      case 'left':
    }
  }

  async #becomeReady(accepted: Accepted): Promise<void> {
    const { ready } = this.#settled;
    const verdict = ready && (await untilReady(ready, accepted.ackTimeoutMs, this.#stay.signal));
    if (this.#state !== accepted) return;
    if (verdict === undefined || verdict.isReady) return this.#take(protocol.acknowledge(this.#nodeId, accepted));
    this.#complain(new Error(`not ready within ${accepted.ackTimeoutMs} ms: ${verdict.reason}`));
  }

  async #beat(): Promise<void> {
    const measures = await measured(this.#settled.heartbeat, (error) => this.#complain(error));
    const { says } = protocol.heartbeat(this.#nodeId, this.#state, measures);
    await this.#say(says).catch((error: unknown) => this.#complain(error as Error));
  }

  #remindLater(): void {
    this.#later(REMIND_AFTER_MS, () => this.#remind());
  }

  #remind(): void {
    this.#remindLater();
    if (!this.isConnected) return;
    this.#take(protocol.remind(this.#description, this.#state));
    this.#complain(
      new Error(
        `no answer of the registry for ${REMIND_AFTER_MS / 1000} s. Either it waits for a backend, which its /health tells, or it ` +
          `knows ${this.#nodeId} by a later incarnation than ${this.#settled.description.incarnation}: was the clock set back?`,
      ),
    );
  }

  #rejoinLater(): void {
    this.#later(backoffMs(this.#rejoins, REJOIN_FIRST_MS, REJOIN_LONGEST_MS), () => {
      this.#remindLater();
      this.#take(protocol.rejoin(this.#description, this.#state, randomUUID()));
    });
    this.#rejoins += 1;
  }

  #later(afterMs: number, act: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(act, afterMs);
  }

  /** A step that nobody waits for. */
  #take(step: NodeStep): void {
    this.#do(step).catch((error: unknown) => this.#complain(error as Error));
  }

  async #do({ state, says }: NodeStep): Promise<void> {
    const left = state.status === 'left' ? whyNotActive(this.#nodeId, state) : null;
    if (left !== null) throw left;
    this.#enter(state);
    try {
      await this.#say(says);
    } catch (error) {
      // What refuses it now may not do so later.
      if (this.#state.status === 'introspected') this.#rejoinLater();
      throw error;
    }
  }

  #say(says: readonly Saying[]): Promise<void> {
    return this.#connection.say(says.map((saying) => stamped(this.#nodeId, saying)));
  }

  #complain(error: Error): void {
    // What fails while it leaves fails because it leaves.
    if (this.#state.status !== 'left') this.events.tell('error', error);
  }
}
