import { errorText } from '../../messages/index.js';
import { backoffMs } from '../backoff.js';
import type { DriftStore } from '../journal/drift-store.js';
import { KEEP_EVERY_MS, type Leadership } from '../journal/leader-lock.js';
import { BackendWatch, type WatchParts } from './backend-watch.js';
import type { BackendAudit } from './backend-audit.js';
import { DesiredSide } from './desired-side.js';
import type { DriftBell } from './drift-bell.js';
import type { RepairOutcome, RepairRequest } from './drift-report.js';

export type DriftAuditorParts = Omit<WatchParts, 'audit' | 'desiredSide'> & {
  readonly audits: readonly BackendAudit[];
  readonly leadership: Leadership<DriftStore>;
  /** Rung when an operator asked for something in this very process. */
  readonly bell: DriftBell;
};

/** How often requests of operators are looked for, and whether a backend came back. */
const POLL_MS = 1000;

/**
 * Looks at what the backends hold, again and again, and has the reducer mend what is not as desired. Every process that has to do
 * with a backend has one, one of them leads. Reads only, but for its own tables and the messages that it publishes: what they
 * mean is the reducer's to decide.
 */
export class DriftAuditor {
  private readonly closing = new AbortController();
  private readonly watches: readonly { readonly backend: string; readonly watch: BackendWatch }[];
  private loops: Promise<unknown> = Promise.resolve();

  constructor(private readonly parts: DriftAuditorParts) {
    const desiredSide = new DesiredSide();
    this.watches = parts.audits.map((audit) => ({
      backend: audit.backend,
      watch: new BackendWatch({ ...parts, audit, desiredSide }),
    }));
  }

  start(): void {
    if (this.closing.signal.aborted) return;
    const { bell } = this.parts;
    this.loops = Promise.all([
      this.repeat(
        'audit',
        () => this.round(),
        () => bell.signal(),
      ),
      this.repeat(
        'keep the lead',
        () => this.keep(),
        () => this.closing.signal,
      ),
    ]);
  }

  /** Begins nothing further; what is under way ends with the bucket or batch in hand. */
  stop(): void {
    this.closing.abort();
    this.parts.bell.ring();
  }

  async close(): Promise<void> {
    this.stop();
    await this.loops;
    await this.parts.leadership.release();
  }

  /** What is due now, where this process leads: requests of operators, then audits. Resolves to the pause until the next round. */
  async round(): Promise<number> {
    const { leadership, metrics } = this.parts;
    try {
      const store = await leadership.lead();
      if (store === null) {
        metrics.driftElsewhere();
        return POLL_MS;
      }
      for (let request = await store.nextRepair(); request !== null; request = await store.nextRepair()) {
        await this.carryOut(request, store);
        if (this.closing.signal.aborted) return 0;
      }
      for (const { watch } of this.watches) {
        if (!this.closing.signal.aborted && watch.isDue()) await watch.run(null, this.roundOn(store));
      }
      return POLL_MS;
    } catch (error) {
      // Another replica may reach what this one does not; and a connection that hangs is not used again.
      metrics.driftElsewhere();
      await leadership.release();
      throw error;
    }
  }

  private async keep(): Promise<number> {
    await this.parts.leadership.keep();
    return KEEP_EVERY_MS;
  }

  private async carryOut(request: RepairRequest, store: DriftStore): Promise<void> {
    const { log } = this.parts;
    const outcomes: RepairOutcome[] = [];
    for (const { backend, watch } of this.watches) {
      if (request.backend !== null && request.backend !== backend) continue;
      outcomes.push(await watch.run(request, this.roundOn(store)));
      // Not done: the next leader begins it anew.
      if (this.closing.signal.aborted) return;
    }
    await store.finishRepair(request.id, outcomes);
    log.info({ ...request, outcomes }, 'repair of drift carried out as an operator asked for it');
  }

  private roundOn(store: DriftStore) {
    const leads = async (): Promise<boolean> => (await this.parts.leadership.lead()) !== null;
    return { store, signal: this.closing.signal, leads };
  }

  /** Rounds one after the other, each saying how long to rest; a round that fails is tried again, with growing pauses. */
  private async repeat(what: string, round: () => Promise<number>, until: () => AbortSignal): Promise<void> {
    const { log, clock } = this.parts;
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted;) {
      let restMs: number;
      try {
        restMs = await round();
        failures = 0;
      } catch (error) {
        restMs = backoffMs(failures++);
        log[failures === 1 ? 'warn' : 'debug']({ what, error: errorText(error) }, 'the drift audit has to wait');
      }
      await clock.pause(restMs, until());
    }
  }
}
