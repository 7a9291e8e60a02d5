import { encode, expiryEventId, headersOf, topicOf, type Message } from '../../messages/index.js';
import type { GuardStore } from '../journal/deadline-store.js';
import type { FleetSilence } from '../journal/due-deadlines.js';
import type { GuardChange, GuardRow } from '../journal/expiry-guard.js';
import type { Publish } from '../lanes/lane.js';
import type { Timings } from '../lanes/step.js';
import type { Log } from '../log.js';
import {
  isHarmless,
  judgeMassExpiry,
  remainingShareOfSilent,
  type MassExpiryOptions,
  type Verdict,
} from './mass-expiry.js';

export type MassExpiryGuardOptions = {
  readonly massExpiry: MassExpiryOptions;
  readonly registryId: string;
  readonly publish: Publish;
  readonly log: Log;
};

type Change = 'REGISTRY_EXPIRY_HELD' | 'REGISTRY_EXPIRY_RESUMED';

/**
 * Holds expiry back while too much of the fleet would go at once. What it decided stands in a row, so that every replica can tell
 * of it, the next leader goes on with it, and an operator can overrule it. Each change is stored, then announced.
 */
export class MassExpiryGuard {
  constructor(private readonly options: MassExpiryGuardOptions) {}

  /**
   * Whether nodes may expire now. `anyDue`: some would. `atMost`: the most of the fleet that can be silent now, where that is known;
   * where it is little, nobody has to be counted.
   */
  async admits(
    store: GuardStore,
    timings: Timings,
    anyDue: boolean,
    atMost: FleetSilence | null = null,
  ): Promise<boolean> {
    const guard = await store.readGuard();
    if (guard.announcement !== null) await this.announce(store, guard.announcement);
    if (guard.released) {
      if (guard.heldSince !== null) await this.resume(store, guard, 'released by an operator');
      return true;
    }
    if (guard.heldSince === null) {
      if (!anyDue) return true;
      if (atMost !== null && isHarmless(atMost, this.options.massExpiry)) return true;
    }
    const silence = await store.silence({
      remainingShare: remainingShareOfSilent(timings),
      recentMs: timings.livenessWindowMs,
    });
    const verdict = judgeMassExpiry(silence, this.options.massExpiry);
    if (verdict.hold) await this.hold(store, guard, verdict);
    else if (guard.heldSince !== null)
      await this.resume(store, { ...guard, ...verdict }, 'enough of the fleet speaks again');
    return !verdict.hold;
  }

  private async hold(store: GuardStore, before: GuardRow, { expiring, live }: Verdict): Promise<void> {
    if (before.heldSince !== null) {
      if (before.expiring === expiring && before.live === live) return;
      return store.writeGuard({ ...before, announcement: null, expiring, live });
    }
    const guard = { heldSince: new Date().toISOString(), expiring, live };
    this.options.log.error(
      guard,
      'expiry is held back: too much of the fleet fell silent at once. It resumes when the nodes speak again, or by POST /v1/expiry/release',
    );
    await this.change(store, 'REGISTRY_EXPIRY_HELD', guard, guard);
  }

  private async resume(store: GuardStore, before: GuardRow, reason: string): Promise<void> {
    const { heldSince, expiring, live } = before;
    if (heldSince === null) return;
    this.options.log.warn({ heldSince, reason }, 'expiry resumes');
    await this.change(
      store,
      'REGISTRY_EXPIRY_RESUMED',
      { heldSince, expiring, live },
      { heldSince: null, expiring, live },
    );
  }

  private async change(
    store: GuardStore,
    change: Change,
    told: { readonly heldSince: string; readonly expiring: number; readonly live: number },
    after: Omit<GuardChange, 'announcement'>,
  ): Promise<void> {
    const { registryId } = this.options;
    const eventId = expiryEventId(registryId, change, told.heldSince);
    const message: Message<Change> = {
      eventId,
      eventType: change,
      eventTimestamp: new Date().toISOString(),
      sourceNodeId: registryId,
      correlationId: expiryEventId(registryId, 'REGISTRY_EXPIRY_HELD', told.heldSince),
      causationId: null,
      payload: { nodeId: registryId, ...told },
    };
    const announcement = encode(message);
    await store.writeGuard({ ...after, announcement });
    await this.announce(store, announcement);
  }

  private async announce(store: GuardStore, announcement: string): Promise<void> {
    const { event_type: type, correlation_id: correlationId } = JSON.parse(announcement) as {
      event_type: Change;
      correlation_id: string;
    };
    const headers = headersOf({ eventType: type, correlationId } as Message);
    await this.options.publish([{ topic: topicOf(type), key: this.options.registryId, value: announcement, headers }]);
    await store.markAnnounced();
  }
}
