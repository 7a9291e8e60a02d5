import { EventEmitter } from 'node:events';
import type { Changes, NodeDescription } from './node-description.js';

/**
 * Where a node stands with the registry.
 *
 * - `joining`: it has said, or is about to say, what it is
 * - `accepted`: both backends hold it; it is about to be ready, or has said so
 * - `active`: others find it
 * - `expired`: it was silent, or not ready, for too long. It joins again by itself
 * - `rejected`: it is not admitted, and stays out until it is changed, told to `rejoin`, or asked by the registry by its name
 * - `removed`: somebody took it out; it stays out until it is told to `rejoin`
 * - `left`: it has said goodbye, which ends the membership
 */
export type MembershipStatus = 'joining' | 'accepted' | 'active' | 'expired' | 'rejected' | 'removed' | 'left';

/** A backend that did not take a change. */
export type BackendError = {
  readonly backend: 'consul' | 'postgres' | null;
  readonly errorCode: string;
  readonly errorMessage: string;
};

/** What a membership tells. Times are RFC 3339. */
export type MembershipEvents = {
  /** The registry has written the node down and waits for its readiness for so long (null: it does not wait). */
  accepted: [
    { attemptId: string; ackTimeoutMs: number | null; consulRegistered: boolean; postgresRegistered: boolean },
  ];
  /** Others find it from now on. */
  active: [{ attemptId: string; since: string }];
  /** It is not admitted. */
  rejected: [{ reasonCode: string; reason: string }];
  /** It was taken for dead (`silence`), or was not ready in time (`not_ready`). It joins again by itself. */
  expired: [{ cause: 'silence' | 'not_ready'; deadlineAt: string }];
  /** A change of its record is with both backends. */
  updated: [{ revision: number; changed: readonly string[] }];
  /** A change was not admitted, or a backend refused it. The node stays active. */
  updateFailed: [{ reason: string; errors: readonly BackendError[] }];
  /** It was accepted with one backend; now both hold it. */
  converged: [];
  /** An operator, or another program, took it out. */
  removed: [{ reason: string }];
  /** The registry cannot be reached. The node goes on, and so do the attempts to reach it. */
  lost: [{ reason: string }];
  /** The registry is reached again, after so long. */
  found: [{ afterMs: number }];
  /** The membership is over. `told`: the registry has the goodbye; else it finds the node silent one window later. */
  left: [{ told: boolean }];
  /** Something went wrong that waiting may not mend. Without a listener it is a warning of the process, and no exception. */
  error: [Error];
};

/** A node's membership of a registry. Made by `join`. */
export abstract class Membership extends EventEmitter<MembershipEvents> {
  abstract readonly nodeId: string;
  abstract readonly incarnation: number;
  abstract readonly status: MembershipStatus;
  /** False from `lost` to `found`, and before the first connection. */
  abstract readonly isConnected: boolean;
  /** What the node says of itself now. */
  abstract readonly description: NodeDescription;

  /** Resolves once it is active, at once where it is. Rejects with a {@link NotActive} when it is rejected or removed, or leaves. */
  abstract whenActive(): Promise<void>;

  /**
   * Changes what the node says of itself; resolves when the registry's log has it, which may take until the registry is back. What
   * becomes of it is told by `updated` or `updateFailed`. A node that was rejected or has expired joins with it; one that was removed
   * keeps it for its `rejoin`. Rejects with an `OptionsError` that names every mistake, and then nothing has changed; with what the
   * registry says where that refuses it; with a {@link NotActive} when the node has left.
   */
  abstract update(changes: Changes): Promise<void>;

  /** Joins again: for a node that was rejected or removed. One that takes part repeats what it is. Resolves as `update` does. */
  abstract rejoin(): Promise<void>;

  /**
   * Says goodbye, which takes the node out of both backends, and closes. Resolves when the registry's log has it (`told`), or the time
   * is over; never rejects. Again: the same promise.
   */
  abstract leave(options?: { readonly withinMs?: number }): Promise<{ readonly told: boolean }>;
}

/** The node is not active, and will not be by itself. */
export class NotActive extends Error {
  override readonly name = 'NotActive';

  constructor(
    readonly status: MembershipStatus,
    message: string,
  ) {
    super(message);
  }
}
