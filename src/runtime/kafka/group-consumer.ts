import kafkajs, { type Consumer, type EachBatchPayload, type Kafka } from 'kafkajs';
import { errorText, type TopicNames } from '../../messages/index.js';
import { LaneUnavailable, type Lane } from '../lanes/lane.js';
import type { Log } from '../log.js';
import { withAdvice } from '../troubles/advice.js';
import { assignedBy, NOTHING_ASSIGNED, type Assigned } from './assigned.js';
import { coPartitioned } from './co-partitioned.js';
import { CONCURRENT_PARTITIONS, CONSUMER_SETTINGS, HEARTBEAT_INTERVAL_MS } from './consumer-settings.js';
import { OffsetCommits } from './offset-commits.js';
import { Rounds } from './pace.js';
import { recordsOf } from './records.js';

const RESTART_AFTER_MS = 1000;

/**
 * One consumer group of this process. Delivers what it reads to its lane in batches and commits an offset only when the
 * lane is done with it, beside the next batches. When the lane has to wait, its topics are paused, and the same records are fetched again later.
 * Lives as long as the transport: a consumer that crashes for good is replaced.
 */
export class GroupConsumer {
  private consumer: Consumer | undefined;
  private closed = false;
  /** Undefined while it is not in the group. */
  private membership: Assigned | undefined;
  /** Of the present membership: another object means that it has ended. */
  private commits = this.newCommits();
  private readonly rounds: Rounds;
  private readonly inHand = new Set<Promise<void>>();
  private held = false;
  /** Why nothing is read, until something is. */
  private readingTrouble: string | null = null;
  /** Why what was read waits, until it is handled. */
  private laneTrouble: string | null = null;
  private resumeTimer: NodeJS.Timeout | undefined;
  private restartTimer: NodeJS.Timeout | undefined;
  private starting: Promise<void> = Promise.resolve();

  constructor(
    private readonly kafka: Kafka,
    readonly groupId: string,
    private readonly lane: Lane,
    private readonly names: TopicNames,
    private readonly log: Log,
    /** Names this process: in all its groups it gets the same partitions. */
    private readonly instance: string,
    /** How long a round of fetch and delivery lasts at least. Milliseconds. */
    roundMs: () => number = () => 0,
  ) {
    this.rounds = new Rounds(roundMs);
  }

  /** Full names of the topics it reads. */
  get topics(): readonly string[] {
    return this.lane.topics.map((suffix) => this.names.full(suffix));
  }

  private get pausable(): { topic: string }[] {
    return this.topics.map((topic) => ({ topic }));
  }

  get isJoined(): boolean {
    return this.membership !== undefined;
  }

  /** The partitions that are its to read; none while it is not in the group. */
  assigned(): Assigned {
    return this.membership ?? NOTHING_ASSIGNED;
  }

  get isPaused(): boolean {
    return this.resumeTimer !== undefined;
  }

  /** What is in the way of its work. */
  get trouble(): string | null {
    return this.readingTrouble ?? this.laneTrouble;
  }

  start(): void {
    this.starting = this.run();
  }

  /** Takes no further batch; resolves once those in hand are finished. */
  async hold(): Promise<void> {
    this.held = true;
    await Promise.allSettled(this.inHand);
  }

  /** Lets the batches in hand finish, commits them, and leaves the group. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.restartTimer);
    clearTimeout(this.resumeTimer);
    await this.starting;
    await this.commits.flush();
    await this.consumer?.disconnect();
    this.commits.end();
  }

  /** A new consumer in place of one that no longer reads. */
  async restart(reason: string): Promise<void> {
    if (this.closed) return;
    this.log.warn({ group: this.groupId, reason }, 'replacing the consumer');
    const old = this.consumer;
    this.consumer = undefined;
    this.membership = undefined;
    // The new one begins without pauses; if there still is a reason to wait, the lane says so again.
    clearTimeout(this.resumeTimer);
    this.resumeTimer = undefined;
    await old?.disconnect().catch((error: unknown) => {
      this.log.warn({ group: this.groupId, error: errorText(error) }, 'the old consumer did not leave cleanly');
    });
    this.start();
  }

  private async run(): Promise<void> {
    if (this.closed) return;
    const consumer = this.kafka.consumer({
      ...CONSUMER_SETTINGS,
      groupId: this.groupId,
      // Kafka takes the first that all members know: during an upgrade, that is what the old ones have.
      partitionAssigners: [coPartitioned(this.instance), kafkajs.PartitionAssigners.roundRobin],
      retry: { restartOnFailure: () => Promise.resolve(!this.closed) },
    });
    this.consumer = consumer;
    this.listenTo(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...this.topics], fromBeginning: true });
      await consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
        eachBatch: (payload) => this.keepInHand(this.deliver(consumer, payload)),
      });
    } catch (error) {
      this.readingTrouble = errorText(error);
      this.scheduleRestart(withAdvice('kafka', this.readingTrouble));
    }
  }

  private listenTo(consumer: Consumer): void {
    const { GROUP_JOIN, FETCH, REBALANCING, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, ({ payload }) => {
      if (this.consumer !== consumer) return;
      this.membership = assignedBy(this.names, payload.memberAssignment);
      this.commits.end();
      this.commits = this.newCommits();
      this.log.info({ group: this.groupId, assignment: payload.memberAssignment }, 'joined the consumer group');
    });
    consumer.on(FETCH, () => {
      if (this.consumer === consumer) this.readingTrouble = null;
    });
    // The last moment at which the group takes commits of this membership.
    consumer.on(REBALANCING, () => void this.commits.flush());
    consumer.on(CRASH, ({ payload }) => {
      const error = errorText(payload.error);
      this.readingTrouble = error;
      this.log.error(
        { group: this.groupId, error: withAdvice('kafka', error), restart: payload.restart },
        'consumer crashed',
      );
      if (this.consumer !== consumer) return;
      this.membership = undefined;
      if (!payload.restart) this.scheduleRestart('it crashed for good');
    });
  }

  private newCommits(): OffsetCommits {
    return new OffsetCommits((error) => {
      this.log.warn({ group: this.groupId, error: errorText(error) }, 'offsets are not committed yet, trying again');
    });
  }

  private scheduleRestart(reason: string): void {
    if (this.closed) return;
    clearTimeout(this.restartTimer);
    this.restartTimer = setTimeout(() => void this.restart(reason), RESTART_AFTER_MS);
  }

  private async deliver(consumer: Consumer, payload: EachBatchPayload): Promise<void> {
    const { batch, resolveOffset, heartbeat } = payload;
    const { commits } = this;
    const endOfRound = this.rounds.end();
    if (this.isPaused) {
      // After a crash the client comes back without its pauses, and would fetch the same records over and over.
      consumer.pause(this.pausable);
      return;
    }
    if (payload.isStale() || !payload.isRunning()) return;
    if (this.held) {
      await this.passOver(consumer, payload);
      return;
    }
    // A lane may work longer than the group's session lasts.
    let lost: Error | undefined;
    const beat = setInterval(() => {
      heartbeat().catch((error: unknown) => {
        lost = error instanceof Error ? error : new Error(String(error));
      });
    }, HEARTBEAT_INTERVAL_MS);
    try {
      await this.lane.handle(recordsOf(this.names, batch));
      this.laneTrouble = null;
    } catch (error) {
      this.pause(consumer, error);
      return;
    } finally {
      clearInterval(beat);
    }
    if (lost !== undefined) throw lost;
    // The group has been joined anew meanwhile: the partition may be another member's, who goes on from what is committed.
    if (commits !== this.commits) return;
    resolveOffset(batch.lastOffset());
    commits.add(payload);
    // Nothing of it comes again after the last batch.
    if (this.closed || this.consumer !== consumer) await commits.flush();
    else if (endOfRound !== undefined) await endOfRound;
  }

  private async keepInHand(delivery: Promise<void>): Promise<void> {
    this.inHand.add(delivery);
    try {
      await delivery;
    } finally {
      this.inHand.delete(delivery);
    }
  }

  /** On the way out nothing is taken on; but what was taken here as it was published nobody has to read after us. */
  private async passOver(consumer: Consumer, { batch, resolveOffset, ...payload }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch;
    const { commits } = this;
    const records = recordsOf(this.names, batch);
    const [next] = (await this.lane.unseen?.(records)) ?? records;
    // As after a delivery: the partition may be another member's by now.
    if (commits !== this.commits) return;
    const passed = records.at(next === undefined ? -1 : records.indexOf(next) - 1);
    if (next !== records[0] && passed !== undefined) {
      resolveOffset(passed.offset);
      commits.add(payload);
    }
    if (next !== undefined) consumer.pause([{ topic, partitions: [partition] }]);
  }

  /** Nothing is committed; after a while the same records are fetched again. */
  private pause(consumer: Consumer, error: unknown): void {
    const retryAfterMs = error instanceof LaneUnavailable ? error.retryAfterMs : RESTART_AFTER_MS;
    // The last batch of one that was replaced meanwhile: the new one would be paused for it, and never be resumed.
    if (this.consumer !== consumer) return;
    consumer.pause(this.pausable);
    if (this.resumeTimer !== undefined) return;
    this.laneTrouble = errorText(error);
    const told = withAdvice('kafka', this.laneTrouble);
    this.log.warn({ group: this.groupId, retryAfterMs, error: told }, 'waiting, nothing is lost');
    this.resumeTimer = setTimeout(() => {
      this.resumeTimer = undefined;
      if (this.closed) return;
      try {
        consumer.resume(this.pausable);
      } catch (failure) {
        this.scheduleRestart(errorText(failure));
      }
    }, retryAfterMs);
  }
}
