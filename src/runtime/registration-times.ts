import { Histogram, type Registry } from 'prom-client';
import type { Input, Output } from '../messages/index.js';

/** Attempts that are remembered; of more that are under way at once the oldest are not measured. */
const MAX_ATTEMPTS = 100_000;

/**
 * How long registrations take, by the append times of their messages: from the introspection or command to the message that made
 * the node accepted, and to the one that made it active. An attempt that another process began, or this one before it was
 * started again, is not measured here.
 */
export class RegistrationTimes {
  private readonly begun = new Map<string, number>();
  private readonly seconds: Histogram<'until'>;

  constructor(registry: Registry) {
    this.seconds = new Histogram({
      name: 'rollcall_registration_duration_seconds',
      help: 'Time from the message that began a registration to the one that made the node accepted, and active (its own time to acknowledge included), as the log has them',
      labelNames: ['until'],
      buckets: [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60],
      registers: [registry],
    });
  }

  /** A step that was taken on a message. */
  step({ eventId, appendedAt }: Input, outputs: readonly Output[]): void {
    for (const output of outputs) {
      switch (output.eventType) {
        case 'NODE_REGISTRATION_INITIATED':
          if (output.payload.attemptId === eventId) this.begin(eventId, appendedAt);
          break;
        case 'NODE_REGISTRATION_ACCEPTED':
          this.measure('accepted', output.payload.attemptId, appendedAt);
          break;
        case 'NODE_BECAME_ACTIVE':
          this.measure('active', output.payload.attemptId, appendedAt);
          this.begun.delete(output.payload.attemptId);
          break;
        default:
      }
    }
  }

  private begin(attemptId: string, at: number): void {
    if (this.begun.size >= MAX_ATTEMPTS) {
      const oldest = this.begun.keys().next();
      if (oldest.done !== true) this.begun.delete(oldest.value);
    }
    this.begun.set(attemptId, at);
  }

  private measure(until: 'accepted' | 'active', attemptId: string, at: number): void {
    const from = this.begun.get(attemptId);
    // Topics have clocks of their own, which may differ by a little.
    if (from !== undefined) this.seconds.observe({ until }, Math.max(0, at - from) / 1000);
  }
}
