import type { Message } from '../../messages/index.js';
import type { Witness } from '../lanes/intake.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import { Seldom } from './seldom.js';
import type { NotaryOf } from './notary-of.js';

export type SignatureParts = { readonly notary: NotaryOf; readonly log: Log; readonly metrics: RuntimeMetrics };

/** What lanes need to know who says a message, and to tell where it may be somebody else. */
export class Signatures {
  private readonly seldom = new Seldom();

  constructor(private readonly parts: SignatureParts) {}

  /** Rejects while the registry's own key cannot be read. */
  async witness(): Promise<Witness> {
    const notary = await this.parts.notary();
    return {
      mode: notary.mode,
      authorOf: (record) => notary.authorOf(record),
      onWrong: (message, why) => this.doubted(message, 'broken', why),
    };
  }

  /** Counted each time, and logged now and then. */
  doubted({ eventId, eventType, payload }: Message, doubt: string, why?: string): void {
    const { log, metrics } = this.parts;
    metrics.doubted(eventType, doubt);
    if (!this.seldom.admits(`${eventType} ${doubt}`)) return;
    log.warn(
      { nodeId: payload.nodeId, eventId, message: eventType, doubt, why },
      'it may be somebody else who says this',
    );
  }
}
