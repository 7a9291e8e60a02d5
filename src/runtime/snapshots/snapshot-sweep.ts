import { errorText, SNAPSHOT_TOPIC, type TopicNames } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { Publish } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { Transport } from '../transport.js';
import { snapshotRecord } from './snapshot-record.js';
import type { NodeNow } from './snapshot-store.js';

/** A page of the sweep that is ours to publish: the nodes behind `after`. */
export type Claim = { readonly id: string; readonly after: string };

/** Where replicas agree on how far a sweep has come. A claim that is not the present one any more moves nothing. */
export type SweepStore = {
  /** Makes the topic known, which has `end` records so far; it is swept anew where it had more when it was done. */
  begin(topic: string, end: bigint): Promise<void>;
  /** `elsewhere`: another process has a page in hand. */
  claim(topic: string): Promise<Claim | 'elsewhere' | 'finished'>;
  page(after: string, limit: number): Promise<readonly NodeNow[]>;
  advance(topic: string, claimId: string, after: string): Promise<void>;
  finish(topic: string, claimId: string, end: bigint): Promise<void>;
};

export type SnapshotSweepOptions = {
  readonly store: SweepStore;
  readonly transport: Pick<Transport, 'publish' | 'progress'>;
  readonly names: TopicNames;
  readonly registryId: string;
  readonly log: Log;
  readonly metrics: Pick<RuntimeMetrics, 'snapshots'>;
};

const PAGE = 500;
const LOOK_AGAIN_MS = 5000;

/**
 * Publishes every node that takes part, once for a topic that is new: what happened before there was one, no event tells again. Goes on
 * where it was after a stop, page by page, whichever process comes. What it publishes may be old by then; the lane sees to that, as it does with all.
 */
export class SnapshotSweep {
  private readonly closing = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private readonly topic: string;
  private readonly publish: Publish;

  constructor(private readonly options: SnapshotSweepOptions) {
    this.topic = options.names.full(SNAPSHOT_TOPIC);
    this.publish = (records) => options.transport.publish(records);
  }

  start(): void {
    this.running = this.run();
  }

  stop(): void {
    this.closing.abort();
  }

  /** Resolves once the page in hand is done. */
  async close(): Promise<void> {
    this.stop();
    await this.running;
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    let hasBegun = false;
    for (let failures = 0; !signal.aborted;) {
      const began = performance.now();
      try {
        if (!hasBegun) await this.options.store.begin(this.topic, await this.end());
        hasBegun = true;
        const outcome = await this.step();
        failures = 0;
        if (outcome === 'finished') return;
        // Half of the time is for others: nobody waits for old snapshots.
        await pause(outcome === 'elsewhere' ? LOOK_AGAIN_MS : performance.now() - began, signal);
      } catch (error) {
        this.options.log.debug({ error: errorText(error) }, 'snapshots of what is there are published later');
        await pause(backoffMs(failures++), signal);
      }
    }
  }

  private async step(): Promise<'finished' | 'elsewhere' | 'goes_on'> {
    const { store, registryId, metrics, log } = this.options;
    const claim = await store.claim(this.topic);
    if (typeof claim === 'string') return claim;
    const nodes = await store.page(claim.after, PAGE);
    await this.publish(nodes.map((node) => snapshotRecord(node, registryId)));
    metrics.snapshots('published', nodes.length);
    const last = nodes.at(-1);
    if (last !== undefined && nodes.length === PAGE) {
      await store.advance(this.topic, claim.id, last.nodeId);
      return 'goes_on';
    }
    await store.finish(this.topic, claim.id, await this.end());
    log.info({ topic: this.topic }, 'the topic of snapshots has every node');
    return 'finished';
  }

  /** Records that the topic ever had. */
  private async end(): Promise<bigint> {
    const progress = await this.options.transport.progress('snapshots', SNAPSHOT_TOPIC);
    return progress.reduce((sum, { end }) => sum + end, 0n);
  }
}
