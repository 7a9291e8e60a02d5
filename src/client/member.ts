import { Course } from './course.js';
import { farewells } from './farewells.js';
import type { Told } from './listen.js';
import { Membership, type MembershipStatus } from './membership.js';
import type { NodeState } from './node-protocol.js';
import { whyNotActive } from './not-active.js';
import type { Changes, NodeDescription } from './node-description.js';
import { OptionsError } from './options.js';
import { describedOrThrow, type Settled } from './settled.js';
import { transportOf } from './transport-of.js';
import type { Transport } from './transport.js';

const STATUS = {
  introspected: 'joining',
  accepted: 'accepted',
  acknowledged: 'accepted',
  active: 'active',
  liveness_expired: 'expired',
  ack_timed_out: 'expired',
  rejected: 'rejected',
  deregistered: 'removed',
  left: 'left',
} as const satisfies Record<NodeState['status'], MembershipStatus>;

type Waiting = { readonly resolve: () => void; readonly reject: (error: Error) => void };

/** A membership as its node's author has it, in front of the course that it takes. */
export class Member extends Membership {
  readonly nodeId: string;
  readonly incarnation: number;
  readonly #settled: Settled;
  readonly #course: Course;
  #node: NodeDescription;
  #waiting: Waiting[] = [];
  #hasBegun = false;
  #leaving: Promise<{ readonly told: boolean }> | undefined;
  #forgetSignals: () => void = () => undefined;

  constructor(settled: Settled) {
    super();
    this.#settled = settled;
    this.#node = settled.node;
    this.nodeId = settled.node.nodeId;
    this.incarnation = settled.description.incarnation;
    this.#course = new Course(settled, {
      entered: ({ status }) => status !== 'left' && this.#settle(),
      tell: (...told) => this.#tell(...told),
    });
    for (const [event, listener] of Object.entries(settled.on ?? {}) as [string, unknown][])
      if (listener !== undefined) this.on(event as never, listener as never);
  }

  get status(): MembershipStatus {
    return STATUS[this.#course.state.status];
  }

  get isConnected(): boolean {
    return this.#course.isConnected;
  }

  get description(): NodeDescription {
    return this.#node;
  }

  /** Once, and not when it has left before. `make`: how it speaks with the registry. */
  begin(
    make: () => Promise<Transport> = () => transportOf(this.#settled.registry, this.nodeId, this.#settled.signer),
  ): void {
    if (this.#hasBegun || this.#leaving !== undefined) return;
    this.#hasBegun = true;
    if (this.#settled.signals) this.#forgetSignals = farewells.add(this);
    this.#course.begin(make);
  }

  async whenActive(): Promise<void> {
    const { state } = this.#course;
    if (state.status === 'active') return;
    const reason = whyNotActive(this.nodeId, state);
    if (reason !== null) throw reason;
    await new Promise<void>((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  async update({ reason = 'capability_change', ...changes }: Changes): Promise<void> {
    if ('nodeId' in changes || 'nodeType' in changes)
      throw new OptionsError(['nodeId and nodeType cannot change: leave, and join as another node']);
    const node = { ...this.#node, ...changes };
    const description = describedOrThrow({ ...node, incarnation: this.incarnation }, reason);
    this.#node = Object.freeze(node);
    if (this.#hasBegun) await this.#course.change(description);
    else this.#course.describe(description);
  }

  async rejoin(): Promise<void> {
    if (this.#hasBegun) await this.#course.rejoin();
  }

  leave({ withinMs = this.#settled.goodbyeWithinMs }: { readonly withinMs?: number } = {}) {
    return (this.#leaving ??= this.#leave(withinMs));
  }

  async #leave(withinMs: number): Promise<{ readonly told: boolean }> {
    const told = await this.#course.leave(withinMs);
    this.#forgetSignals();
    this.#tell('left', { told });
    // A program that only waits may end by this, which should not be before the goodbye, nor instead of the signal.
    setImmediate(() => this.#settle());
    return { told };
  }

  /** Tells those who wait, as far as there is something to tell. */
  #settle(): void {
    const { state } = this.#course;
    const reason = whyNotActive(this.nodeId, state);
    if (state.status !== 'active' && reason === null) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { resolve, reject } of waiting) {
      if (reason === null) resolve();
      else reject(reason);
    }
  }

  /** A listener that throws does not disturb the course: its exception is the process's, as if a timer had thrown it. */
  #tell(...[event, ...told]: Told): void {
    const [error] = told;
    if (error instanceof Error && this.listenerCount('error') === 0) {
      process.emitWarning(`${this.nodeId}: ${error.message}`, 'RollcallWarning');
      return;
    }
    try {
      this.emit(event, ...(told as never));
    } catch (thrown) {
      setImmediate(() => {
        throw thrown;
      });
    }
  }
}
