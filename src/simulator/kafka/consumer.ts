import type { TopicSuffix } from '../../messages/index.js';
import type { Owner, Planned } from '../time/virtual-time.js';
import type { Appended } from './broker.js';
import { Fenced, type Assignment, type Coordinator, type Place } from './coordinator.js';
import type { LogWorld } from './log-world.js';

type Batch = {
  readonly topic: string;
  readonly partition: number;
  readonly messages: readonly {
    readonly offset: string;
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, string | string[]>>;
    readonly timestamp: string;
  }[];
  lastOffset(): string;
};

type Offsets = {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly offset: string }[];
  }[];
};

export type BatchPayload = {
  readonly batch: Batch;
  resolveOffset(offset: string): void;
  heartbeat(): Promise<void>;
  commitOffsetsIfNecessary(offsets: Offsets): Promise<void>;
  uncommittedOffsets(): Offsets;
  isRunning(): boolean;
  isStale(): boolean;
};

/** Without partitions: all of the topic. */
type Pausable = { readonly topic: string; readonly partitions?: readonly number[] };

type Run = { eachBatch(payload: BatchPayload): Promise<void> };

/** Membership in one generation of the group. */
type Session = {
  readonly generation: number;
  readonly places: readonly Place[];
  over: boolean;
  readonly positions: Map<string, number>;
  readonly resolved: Map<string, number>;
  readonly wakers: Set<() => void>;
  readonly end: Promise<unknown>;
  readonly finish: (reason: unknown) => void;
  beat: Planned | null;
};

export type ConsumerOptions = LogWorld & {
  readonly owner: Owner;
  readonly id: string;
  /** The coordinator of its group. */
  readonly member: Coordinator;
  readonly sessionTimeoutMs: number;
};

const CRASH = 'consumer.crash';
const GROUP_JOIN = 'consumer.group_join';
const REBALANCING = 'consumer.rebalancing';
const RETRY_MS = 300;
const HEARTBEATS_A_SESSION = 10 / 3;

/**
 * A kafkajs consumer as the runtime's GroupConsumer sees it: one batch a partition at a time, offsets that are resolved and committed by
 * hand, pauses, and the ways in which it can lose its place: fenced by the coordinator, a crash that it recovers from, one for good.
 */
export class SimulatedConsumer {
  readonly events = { GROUP_JOIN, REBALANCING, CRASH } as const;
  private readonly listeners = new Map<string, ((event: { payload: unknown }) => void)[]>();
  private readonly paused = new Set<TopicSuffix>();
  /** Paused alone, by {@link keyOf}. */
  private readonly pausedPlaces = new Set<string>();
  private readonly running = new Set<Promise<void>>();
  private topics: readonly TopicSuffix[] = [];
  private session: Session | undefined;
  private stopped = false;
  private lastCommit: Promise<void> = Promise.resolve();

  constructor(private readonly options: ConsumerOptions) {}

  on(event: string, listener: (event: never) => void): void {
    const all = this.listeners.get(event) ?? [];
    all.push(listener as (event: { payload: unknown }) => void);
    this.listeners.set(event, all);
  }

  async connect(): Promise<void> {
    await this.call('connect', () => undefined);
  }

  async subscribe({ topics }: { readonly topics: readonly string[] }): Promise<void> {
    this.topics = topics.map((name) => this.options.names.suffix(name));
    return Promise.resolve();
  }

  async run(run: Run): Promise<void> {
    const session = await this.join();
    void this.live(session, run);
  }

  pause(topics: readonly Pausable[]): void {
    for (const { topic, partitions } of topics) {
      const suffix = this.options.names.suffix(topic);
      if (partitions === undefined) this.paused.add(suffix);
      else for (const partition of partitions) this.pausedPlaces.add(keyOf({ topic: suffix, partition }));
    }
  }

  resume(topics: readonly { readonly topic: string }[]): void {
    for (const { topic } of topics) {
      const suffix = this.options.names.suffix(topic);
      this.paused.delete(suffix);
      for (const place of this.pausedPlaces) if (place.startsWith(`${suffix}/`)) this.pausedPlaces.delete(place);
    }
    this.wake();
  }

  private isPaused(place: Place): boolean {
    return this.paused.has(place.topic) || this.pausedPlaces.has(keyOf(place));
  }

  /** Waits for the batches in hand, then leaves. */
  async disconnect(): Promise<void> {
    if (this.stopped) return;
    this.stopped = true;
    this.wake();
    await Promise.allSettled(this.running);
    this.session?.finish(null);
    await this.call('leave the group', () => this.options.member.leave(this.options.id)).catch(() => undefined);
  }

  private call<T>(what: string, carryOut: () => T | Promise<T>): Promise<T> {
    return this.options.wire.call(this.options.owner, 'kafka', what, carryOut);
  }

  /** One generation after the other, until the consumer is stopped or crashes for good. */
  private async live(first: Session, run: Run): Promise<void> {
    const { random, time } = this.options;
    for (let session = first; ;) {
      void this.consume(session, run);
      const reason = await session.end;
      if (this.stopped) return;
      if (!(reason instanceof Fenced)) {
        const restart = random.chance(0.6);
        this.emit(CRASH, { error: reason, restart });
        if (!restart)
          return void this.call('leave', () => this.options.member.leave(this.options.id)).catch(() => undefined);
        this.paused.clear();
        this.pausedPlaces.clear();
        await time.sleep(RETRY_MS);
      } else if (reason.type === 'REBALANCE_IN_PROGRESS') {
        this.emit(REBALANCING, {});
      }
      // Sometimes the batches in hand are waited for, sometimes they go on in a generation that is over.
      if (random.chance(0.7)) await Promise.allSettled(this.running);
      const next = await this.joinAgain();
      if (next === null) return;
      session = next;
    }
  }

  private async joinAgain(): Promise<Session | null> {
    while (!this.stopped) {
      try {
        return await this.join();
      } catch {
        // The log is away; kafkajs keeps trying, too.
        await this.options.time.sleep(RETRY_MS);
      }
    }
    return null;
  }

  private async join(): Promise<Session> {
    const { member: coordinator, id, owner, names } = this.options;
    const assignment = await this.call('join the group', () => coordinator.join(id, this.topics));
    const positions = await this.call('committed offsets', () => {
      // A frozen member may come for its offsets long after others took its place.
      return new Map(assignment.places.map((place) => [keyOf(place), coordinator.committedOffset(place)]));
    });
    const session = sessionOf(assignment, positions);
    this.session = session;
    this.scheduleBeat(session);
    const memberAssignment: Record<string, number[]> = {};
    for (const { topic, partition } of assignment.places) (memberAssignment[names.full(topic)] ??= []).push(partition);
    this.emit(GROUP_JOIN, { groupId: owner.name, memberAssignment });
    return session;
  }

  private scheduleBeat(session: Session): void {
    const { time, owner, sessionTimeoutMs } = this.options;
    session.beat = time.plan(sessionTimeoutMs / HEARTBEATS_A_SESSION, owner, () => {
      if (session.over || this.stopped) return;
      this.heartbeat(session).then(
        () => this.scheduleBeat(session),
        (error: unknown) => {
          if (error instanceof Fenced) session.finish(error);
          else this.scheduleBeat(session);
        },
      );
    });
  }

  private heartbeat({ generation }: Session): Promise<void> {
    const { member: coordinator, id } = this.options;
    return this.call('heartbeat', () => coordinator.heartbeat(id, generation));
  }

  private async consume(session: Session, run: Run): Promise<void> {
    await Promise.all(session.places.map((place) => this.consumePlace(session, place, run)));
  }

  private async consumePlace(session: Session, place: Place, run: Run): Promise<void> {
    const { broker, fetchLimit, time } = this.options;
    const key = keyOf(place);
    const isOver = (): boolean => session.over || this.stopped;
    while (!isOver()) {
      if (this.isPaused(place)) {
        await new Promise<void>((resolve) => session.wakers.add(resolve));
        continue;
      }
      const position = session.positions.get(key) ?? 0;
      let records: readonly Appended[];
      try {
        records = await this.call('fetch', () => broker.fetch(place.topic, place.partition, position, fetchLimit));
      } catch {
        await time.sleep(RETRY_MS);
        continue;
      }
      if (isOver() || this.isPaused(place)) continue;
      const batch = this.deliver(session, place, records, run);
      this.running.add(batch);
      await batch.catch((error: unknown) => session.finish(error));
      this.running.delete(batch);
      session.positions.set(key, session.resolved.get(key) ?? position);
    }
  }

  private deliver(session: Session, place: Place, records: readonly Appended[], run: Run): Promise<void> {
    const { names, member: coordinator, id } = this.options;
    const last = records.at(-1)?.offset ?? 0;
    return run.eachBatch({
      batch: {
        topic: names.full(place.topic),
        partition: place.partition,
        messages: records.map(({ offset, key, value, headers, appendedAt }) => ({
          offset: String(offset),
          key,
          value,
          headers,
          timestamp: String(appendedAt),
        })),
        lastOffset: () => String(last),
      },
      resolveOffset: (offset) => void session.resolved.set(keyOf(place), Number(offset) + 1),
      heartbeat: () => this.heartbeat(session),
      uncommittedOffsets: () => this.uncommitted(session),
      commitOffsetsIfNecessary: (offsets) => {
        const committed = offsets.topics.flatMap(({ topic, partitions }) =>
          partitions.map(({ partition, offset }) => ({
            topic: names.suffix(topic),
            partition,
            offset: Number(offset),
          })),
        );
        // Requests of one connection keep their order.
        const commit = (): Promise<void> =>
          this.call('commit', () => coordinator.commit(id, session.generation, committed));
        this.lastCommit = this.lastCommit.then(commit, commit);
        return this.lastCommit;
      },
      isRunning: () => !this.stopped,
      isStale: () => session.over,
    });
  }

  private uncommitted(session: Session): Offsets {
    const { names } = this.options;
    return {
      topics: session.places.flatMap((place) => {
        const offset = session.resolved.get(keyOf(place));
        return offset === undefined
          ? []
          : [{ topic: names.full(place.topic), partitions: [{ partition: place.partition, offset: String(offset) }] }];
      }),
    };
  }

  private wake(): void {
    const { session } = this;
    if (session === undefined) return;
    const woken = [...session.wakers];
    session.wakers.clear();
    for (const wake of woken) wake();
  }

  private emit(event: string, payload: object): void {
    for (const listener of this.listeners.get(event) ?? []) listener({ payload });
  }
}

function sessionOf({ generation, places }: Assignment, positions: Map<string, number>): Session {
  let settle: (reason: unknown) => void = () => undefined;
  const end = new Promise<unknown>((resolve) => (settle = resolve));
  const session: Session = {
    generation,
    places,
    over: false,
    positions,
    resolved: new Map(),
    wakers: new Set(),
    end,
    finish: (reason) => {
      if (session.over) return;
      session.over = true;
      if (session.beat !== null) session.beat.cancelled = true;
      for (const wake of session.wakers) wake();
      session.wakers.clear();
      settle(reason);
    },
    beat: null,
  };
  return session;
}

function keyOf({ topic, partition }: Place): string {
  return `${topic}/${partition}`;
}
