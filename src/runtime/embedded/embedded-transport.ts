import { randomUUID } from 'node:crypto';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import type { Pool } from 'pg';
import { isCompacted, TOPIC_SUFFIXES, type TopicNames, type TopicSuffix } from '../../messages/index.js';
import type { HealthRegistry } from '../health-registry.js';
import type { Database } from '../journal/database.js';
import { GroupCommit } from '../lanes/group-commit.js';
import type { Lane, OutgoingRecord, Position } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { Progress, Tap, Transport } from '../transport.js';
import { appendRecords } from './append-records.js';
import { Appended } from './appended.js';
import { EmbeddedEvents } from './embedded-events.js';
import { GroupReader } from './group-reader.js';
import { openBus } from './open-bus.js';
import { endOfLog, lagsOf, progressOf, registerGroup } from './offsets.js';
import { compact, deleteExpired } from './retention.js';
import { Rounds } from './rounds.js';
import { Sharing } from './sharing.js';
import { TapReader } from './tap-reader.js';
import { within } from './within.js';

export type EmbeddedTransportOptions = {
  /** The state database: the log is four more tables of it. */
  readonly database: Database;
  readonly names: TopicNames;
  readonly groupPrefix: string;
  /** Age at which records that every group has read are deleted. */
  readonly retentionMs: number;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly health: HealthRegistry;
  /** The process cannot do its work, and waiting does not help. */
  readonly onFatal: (error: unknown) => void;
};

/** Most records appended in one go: what several lanes publish at the same time becomes one transaction. */
const MAX_APPENDED = 2000;
const LAG_EVERY_MS = 5000;
const RETENTION_EVERY_MS = 60_000;
/** What stays for good is looked through each time. */
const COMPACTION_EVERY_MS = 600_000;
/** The process stops within 10 s; what lanes have not finished by then is delivered again. */
const FINISH_WITHIN_MS = 8000;

/**
 * The log as tables of the state database, in place of Kafka. One partition a topic; offsets are positions in the whole
 * log. Where replicas share the database, each consumer group is read by one of them, by a lease, and the others stand by.
 */
export class EmbeddedTransport extends Server implements CustomTransportStrategy, Transport {
  readonly events: EmbeddedEvents;
  private readonly bus: Database;
  private readonly appended = new Appended();
  private readonly appends: GroupCommit<OutgoingRecord>;
  private readonly owner: string | null;
  private readonly pool = (): Pool => this.bus.pool;
  private lanes: readonly Lane[] = [];
  private tap: Tap | undefined;
  private readers: readonly GroupReader[] = [];
  private tapReader: TapReader | undefined;
  private upkeep: readonly Rounds[] = [];
  private sharing: Sharing | undefined;
  private isClosed = false;

  constructor(private readonly options: EmbeddedTransportOptions) {
    super();
    const { database, log, names, health } = options;
    this.bus = openBus(database, log);
    this.owner = database.exclusive ? null : randomUUID();
    const { pool, appended } = this;
    this.events = new EmbeddedEvents({ pool, names, appended, retentionMs: options.retentionMs, log });
    this.appends = new GroupCommit(async (records) => {
      await appendRecords(this.pool(), names, records);
      this.appended.notify(new Set(records.map(({ topic }) => names.full(topic))));
    }, MAX_APPENDED);
    health.register({ name: 'kafka', critical: true, check: () => this.check() });
  }

  /** See {@link Transport.serve}. */
  serve(lanes: readonly Lane[], tap?: Tap): void {
    this.lanes = lanes;
    this.tap = tap;
  }

  /** Resolves once all records are in the log; does not tell where. */
  async publish(records: readonly OutgoingRecord[]): Promise<readonly Position[]> {
    if (records.length > 0) await this.appends.submit(records);
    return [];
  }

  /** Nothing is handed over past this log: reading it is a query of the same database. */
  isReadHere(): boolean {
    return false;
  }

  /** `group` without its prefix. */
  async progress(group: string, topic: TopicSuffix): Promise<readonly Progress[]> {
    const progress = await progressOf(this.pool(), this.nameOf(group), this.options.names.full(topic));
    return [{ partition: 0, ...progress }];
  }

  /** Nest's start. Calls back at once: readers wait by themselves until the database is there. */
  listen(callback: (error?: unknown) => void): void {
    // Before that there is nothing to read, and the database itself says why; it rejects only when closed.
    this.bus.ready
      .then(
        () => this.start(),
        () => undefined,
      )
      .catch(this.options.onFatal);
    callback();
  }

  /** Stop reading, finish the batches in hand, commit, give the groups to others. */
  async close(): Promise<void> {
    const { log } = this.options;
    this.isClosed = true;
    const finished = Promise.all([
      ...this.readers.map((reader) => reader.close()),
      this.tapReader?.close(),
      this.events.close(),
    ]);
    if (!(await within(FINISH_WITHIN_MS, finished))) {
      log.warn('not all batches in hand were finished; they will be delivered again');
    }
    await within(1000, Promise.all([this.sharing?.close(), ...this.upkeep.map((round) => round.close())]));
    await this.bus.close();
  }

  on(): never {
    throw new Error('the embedded log has no events to listen to: see the health and metrics of the process');
  }

  unwrap<T>(): T {
    return this.bus as T;
  }

  private get groups(): readonly string[] {
    return this.readers.map(({ group }) => group);
  }

  private nameOf(group: string): string {
    return `${this.options.groupPrefix}.${group}`;
  }

  private start(): void {
    if (this.isClosed) return;
    const { names, log } = this.options;
    const { pool, owner, tap } = this;
    const earFor = (topics: readonly TopicSuffix[]) => this.appended.ear(topics.map((suffix) => names.full(suffix)));
    this.readers = this.lanes.map(
      (lane) =>
        new GroupReader({ group: this.nameOf(lane.group), lane, owner, pool, names, ear: earFor(lane.topics), log }),
    );
    this.tapReader = tap && new TapReader({ tap, pool, names, ear: earFor(tap.topics), log });
    this.startRounds();
    for (const reader of this.readers) reader.start();
    this.tapReader?.start();
  }

  private startRounds(): void {
    const { log } = this.options;
    const { owner } = this;
    this.upkeep = [
      new Rounds('measuring the lag', LAG_EVERY_MS, () => this.measure(), log),
      new Rounds('retention of the log', RETENTION_EVERY_MS, (signal) => this.expire(signal), log),
      new Rounds('compaction of the log', COMPACTION_EVERY_MS, (signal) => this.compact(signal), log),
    ];
    const { readers, pool, appended } = this;
    if (owner !== null) this.sharing = new Sharing({ owner, readers, pool, appended, log });
    this.sharing?.start();
    for (const round of this.upkeep) round.start('later');
  }

  private async expire(signal: AbortSignal): Promise<void> {
    // Says that they are still being run.
    for (const { group, topics } of this.readers) await registerGroup(this.pool(), group, topics);
    const deleted = await deleteExpired(this.pool(), this.options.retentionMs, this.compacted, signal);
    if (deleted > 0) this.options.log.debug({ deleted }, 'deleted old records of the log');
  }

  private async compact(signal: AbortSignal): Promise<void> {
    const deleted = await compact(this.pool(), this.options.retentionMs, this.compacted, signal);
    if (deleted > 0) this.options.log.debug({ deleted }, 'deleted records of the log that have a newer one');
  }

  /** Full names. */
  private get compacted(): readonly string[] {
    return TOPIC_SUFFIXES.filter(isCompacted).map((suffix) => this.options.names.full(suffix));
  }

  private async measure(): Promise<void> {
    for (const { group, topic, records } of await lagsOf(this.pool(), this.groups)) {
      this.options.metrics.partitionLag(group, topic, 0, records);
    }
  }

  private async check() {
    await endOfLog(this.pool());
    const failure = [...this.readers, this.tapReader, this.sharing]
      .map((part) => part?.failure ?? null)
      .find((reason) => reason !== null);
    if (failure !== undefined) throw new Error(failure);
    const paused = this.readers.filter((reader) => reader.isPaused).map(({ group }) => group);
    return {
      message: paused.length > 0 ? `embedded log; waiting for a backend: ${paused.join(', ')}` : 'embedded log',
      details: { embedded: true, groups: this.readers.length, paused },
    };
  }
}
