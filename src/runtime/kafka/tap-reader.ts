import { setTimeout as sleep } from 'node:timers/promises';
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { errorText, type TopicNames } from '../../messages/index.js';
import type { Log } from '../log.js';
import type { Tap } from '../transport.js';
import { CONCURRENT_PARTITIONS, CONSUMER_SETTINGS, HEARTBEAT_INTERVAL_MS } from './consumer-settings.js';
import type { Positions } from './positions.js';
import { recordsOf } from './records.js';
import { Silence } from './silence.js';
import { within } from './within.js';

/** A record is delivered at once; then this pause, so that a busy log is fetched in few large answers. */
const BREATH_MS = 20;
const LEAVE_WITHIN_MS = 3000;

export type TapReaderOptions = {
  readonly kafka: Kafka;
  /** Of this reader alone: kafkajs reads only in groups. */
  readonly groupId: string;
  /** Full names. */
  readonly topics: readonly string[];
  /** Where to begin; moves on with what was heard. */
  readonly positions: Positions;
  /** The present ends of the topics: where it goes on after a rest. */
  readonly ends: () => Promise<Positions>;
  /** It rests when nobody has listened for this long. Milliseconds. */
  readonly restAfterMs: number;
  readonly names: TopicNames;
  readonly tap: Tap;
  readonly log: Log;
};

/**
 * One consumer of the tap, from its first join until it is lost, once. It commits nothing: at every join, before the first fetch,
 * each partition is set to its own position. So it either hears every record after the positions it was given, or is lost.
 *
 * When nobody listens it stays in the group and rests: the batches in hand are not given back, so kafkajs fetches no more. Who listens
 * then is told that something was missed as soon as the present ends are known, from which it reads on: no join, no wait for a fetch.
 */
export class TapReader {
  private readonly lost: Promise<string>;
  private resolveLost: (reason: string) => void = () => undefined;
  private isLost = false;
  private joinedAnew = false;
  private hasReadOnce = false;
  private breath: Promise<void> | undefined;
  private resting: Promise<void> | undefined;
  private readonly silence: Silence;

  constructor(private readonly options: TapReaderOptions) {
    this.silence = new Silence(options.tap, options.restAfterMs);
    this.lost = new Promise((resolve) => {
      this.resolveLost = resolve;
    });
  }

  get hasRead(): boolean {
    return this.hasReadOnce;
  }

  /** Nobody listens, and it does not read. */
  get isResting(): boolean {
    return this.resting !== undefined;
  }

  /** Resolves once it does not read any more, with the reason. */
  async read(): Promise<string> {
    const { kafka, groupId, log } = this.options;
    const consumer = kafka.consumer({
      ...CONSUMER_SETTINGS,
      groupId,
      // The same object would have to wait for its own dead member, and does not always start again.
      retry: { restartOnFailure: () => Promise.resolve(false) },
    });
    this.listenTo(consumer);
    const starting = this.start(consumer);
    const reason = await this.lost;
    await within(LEAVE_WITHIN_MS, leave(consumer, starting), `not within ${LEAVE_WITHIN_MS} ms`).catch(
      (error: unknown) => log.debug({ group: groupId, error: errorText(error) }, 'the tap did not leave cleanly'),
    );
    return reason;
  }

  /** Ends it: from now on nothing is heard, and {@link read} resolves. */
  lose(reason: string): void {
    this.isLost = true;
    this.resolveLost(reason);
  }

  private listenTo(consumer: Consumer): void {
    const { positions, tap } = this.options;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      this.joinedAnew = true;
      for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
        for (const partition of partitions) {
          consumer.seek({ topic, partition, offset: String(positions.next(topic, partition)) });
        }
      }
    });
    consumer.on(consumer.events.FETCH, () => {
      if (!this.joinedAnew || this.isLost) return;
      this.joinedAnew = false;
      this.hasReadOnce = true;
      tap.missed();
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => this.lose(errorText(payload.error)));
  }

  private async start(consumer: Consumer): Promise<void> {
    try {
      await consumer.connect();
      // Where a position is out of range kafkajs goes on from here. From the beginning shows at once (see `deliver`); from the
      // end, nobody would notice what lies between.
      await consumer.subscribe({ topics: [...this.options.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
        eachBatch: (payload) => this.deliver(consumer, payload),
      });
    } catch (error) {
      this.lose(errorText(error));
    }
  }

  private deliver(consumer: Consumer, { batch, isStale, heartbeat }: EachBatchPayload): Promise<void> {
    const { names, positions, tap } = this.options;
    const { topic, partition } = batch;
    const first = batch.firstOffset();
    // Stale: fetched before a rest ended, and fetched again after it.
    if (this.isLost || first === null || isStale()) return Promise.resolve();
    const silence = this.silence.toRestIn();
    if (silence !== undefined) this.resting ??= this.rest(consumer, heartbeat, silence);
    if (this.resting !== undefined) return this.resting;
    const next = positions.next(topic, partition);
    if (BigInt(first) < next) {
      this.lose(`${topic}/${partition} has gone back from offset ${next} to ${first}: it was cut off or made anew`);
      return Promise.resolve();
    }
    if (BigInt(first) > next) tap.missed();
    tap.heard(recordsOf(names, batch));
    positions.set(topic, partition, BigInt(batch.lastOffset()) + 1n);
    // kafkajs fetches again when all that one fetch brought is done.
    this.breath ??= sleep(BREATH_MS).then(() => {
      this.breath = undefined;
    });
    return this.breath;
  }

  /** Rejects when it is no member of its group any more: kafkajs joins anew, and then it goes on where it was. */
  private async rest(consumer: Consumer, heartbeat: () => Promise<void>, silence: Promise<void>): Promise<void> {
    let beat: NodeJS.Timeout | undefined;
    const expelled = new Promise<never>((_, reject) => {
      beat = setInterval(() => void heartbeat().catch(reject), HEARTBEAT_INTERVAL_MS);
    });
    try {
      await Promise.race([silence, this.lost, expelled]);
      if (!this.isLost) await Promise.race([this.goOn(consumer), expelled]);
    } finally {
      clearInterval(beat);
      this.resting = undefined;
    }
  }

  private async goOn(consumer: Consumer): Promise<void> {
    const { ends, positions, tap } = this.options;
    try {
      const present = await ends();
      if (this.isLost) return;
      positions.moveTo(present);
      for (const { topic, partition, next } of present.places()) {
        consumer.seek({ topic, partition, offset: String(next) });
      }
      tap.missed();
    } catch (error) {
      this.lose(errorText(error));
    }
  }
}

/** Not in the middle of its start: kafkajs would finish the join after the disconnect, and stay a member for ever. */
async function leave(consumer: Consumer, starting: Promise<void>): Promise<void> {
  await starting;
  await consumer.disconnect();
}
