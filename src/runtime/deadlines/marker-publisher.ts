import type { DueDeadline } from '../journal/due-deadlines.js';
import type { Publish } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { NotaryOf } from '../signatures/notary-of.js';
import { markerOf, SentMarkers } from './markers.js';

export type MarkerPublisherOptions = {
  readonly publish: Publish;
  /** Absent: markers are not signed. */
  readonly notary?: NotaryOf | undefined;
  readonly registryId: string;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
};

/** Publishes the markers of deadlines that have passed, each into the topic that it judges. */
export class MarkerPublisher {
  private readonly sent = new SentMarkers();
  private publishingMs = 0;

  constructor(private readonly options: MarkerPublisherOptions) {}

  /** Time that it spent waiting for the log. */
  get tookMs(): number {
    return this.publishingMs;
  }

  /** Those that were not sent lately: a row stays due until its lane has come to the marker. Gives how many. */
  async publish(due: readonly DueDeadline[]): Promise<number> {
    const { publish, registryId, notary, metrics, log } = this.options;
    const unsent = this.sent.unsent(due);
    if (unsent.length === 0) return 0;
    const started = performance.now();
    const signing = await notary?.();
    const markers = unsent.map((deadline) => markerOf(deadline, registryId));
    await publish(signing === undefined ? markers : markers.map((marker) => signing.sign(marker)));
    this.publishingMs += performance.now() - started;
    this.sent.note(unsent);
    for (const { kind } of unsent) metrics.marker(kind);
    log.debug({ markers: unsent.length }, 'deadlines have passed');
    return unsent.length;
  }
}
