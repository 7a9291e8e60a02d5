import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { BUS, LOG, STATE_DATABASE } from '../../runtime/index.js';
import type { Bus, Database, Follower, Log, LogRecord } from '../../runtime/index.js';
import type { FeedPosition } from '../read/node-feed.js';
import { NodeFeedEnds } from '../read/node-feed-ends.js';
import { afterEnd, afterEvent, endId } from './event-id.js';
import { NodeStream, type StreamEvents } from './node-stream.js';
import { StreamFeeder } from './stream-feeder.js';
import { StreamSlots, tooManyStreams } from './stream-slots.js';
import { passedOn, REQUESTS_TOPIC, STREAM_TOPICS, STREAM_TYPES } from './stream-types.js';

export type EventHubLimits = {
  /** Those of the fleet included. */
  readonly maxStreams: number;
  /** A stream on which nothing was said for this long gets a comment. */
  readonly silentMs: number;
  /** A reader that has not read for this long is let go; it comes back with the id of what it heard last. */
  readonly stalledMs: number;
};

export const EVENT_HUB_LIMITS = Symbol('EventHubLimits');
export const DEFAULT_LIMITS: EventHubLimits = { maxStreams: 10_000, silentMs: 15_000, stalledMs: 60_000 };

const TICK_MS = 1000;

/**
 * The event streams of this process. What they send is in the journal; the bus only says when to look. Nothing here is needed by
 * another replica: a reader that comes back elsewhere brings its place with it.
 */
@Injectable()
export class EventHub implements Follower, BeforeApplicationShutdown {
  private readonly streams = new Map<string, Set<NodeStream>>();
  /** What gives back the room of each. */
  private readonly releases = new Map<NodeStream, () => void>();
  private readonly ends: NodeFeedEnds;
  private readonly feeder: StreamFeeder;
  private readonly events: StreamEvents;
  private unfollow: (() => void) | undefined;
  private ticking: NodeJS.Timeout | undefined;
  private isStopping = false;

  constructor(
    @Inject(STATE_DATABASE) database: Database,
    @Inject(BUS) private readonly bus: Bus,
    @Inject(LOG) log: Log,
    @Inject(EVENT_HUB_LIMITS) private readonly limits: EventHubLimits,
    @Inject(StreamSlots) private readonly slots: StreamSlots,
  ) {
    this.ends = new NodeFeedEnds(database);
    this.feeder = new StreamFeeder(database, log);
    this.events = { drained: (stream) => this.feeder.stir(stream), closed: (stream) => this.remove(stream) };
  }

  /**
   * Answers a request with the events of a node: those after `last`, or what happens from now on. Throws a `too-many-streams`
   * problem, or StateUnavailable, while nothing was answered yet.
   */
  async open(nodeId: string, last: FeedPosition | null, reply: FastifyReply): Promise<void> {
    const stream = new NodeStream(nodeId, STREAM_TYPES, this.events);
    // Followed before the end is read: what happens between the two is heard.
    this.add(stream);
    try {
      const end = await this.ends.of(nodeId);
      if (this.isStopping) throw tooManyStreams();
      if (reply.raw.destroyed) return this.remove(stream);
      reply.hijack();
      if (last === null) stream.open(reply.raw, afterEnd(end), endId(end));
      else stream.open(reply.raw, afterEvent(last, end), undefined);
    } catch (error) {
      this.remove(stream);
      throw error;
    }
    this.feeder.stir(stream);
  }

  heard(records: readonly LogRecord[]): void {
    if (this.releases.size === 0) return;
    for (const record of records) {
      if (record.topic === REQUESTS_TOPIC) this.pass(record);
      else if (STREAM_TOPICS.has(record.topic) && record.key !== null) this.stirNode(record.key.toString());
    }
  }

  decided(nodeIds: readonly string[]): void {
    if (this.releases.size === 0) return;
    for (const nodeId of nodeIds) this.stirNode(nodeId);
  }

  missed(): void {
    for (const stream of this.all()) this.feeder.stir(stream);
  }

  /** Before the server closes, which would wait for every open stream. */
  beforeApplicationShutdown(): void {
    this.isStopping = true;
    this.feeder.stop();
    this.unfollow?.();
    clearInterval(this.ticking);
    for (const stream of this.all()) stream.end();
  }

  private add(stream: NodeStream): void {
    if (this.isStopping) throw tooManyStreams();
    this.releases.set(stream, this.slots.take());
    this.unfollow ??= this.bus.follow(this);
    this.ticking ??= setInterval(() => this.tick(), TICK_MS).unref();
    const others = this.streams.get(stream.nodeId);
    if (others === undefined) this.streams.set(stream.nodeId, new Set([stream]));
    else others.add(stream);
  }

  private remove(stream: NodeStream): void {
    this.feeder.forget(stream);
    const streams = this.streams.get(stream.nodeId);
    if (streams?.delete(stream) !== true) return;
    this.releases.get(stream)?.();
    this.releases.delete(stream);
    if (streams.size === 0) this.streams.delete(stream.nodeId);
    if (this.releases.size > 0) return;
    // Nobody else may want the log to be read.
    this.unfollow?.();
    this.unfollow = undefined;
  }

  private *all(): Iterable<NodeStream> {
    for (const streams of this.streams.values()) yield* streams;
  }

  private tick(): void {
    const now = performance.now();
    for (const stream of this.all()) stream.tick(now, this.limits);
  }

  /** A request to introspect stands in the journal where a step made it; all others are only in the log, for whoever is there. */
  private pass(record: LogRecord): void {
    const request = passedOn(record);
    if (request === null) return;
    if (request.to === 'journal') return this.stirNode(request.nodeId);
    const streams = request.nodeId === null ? this.all() : (this.streams.get(request.nodeId) ?? []);
    for (const stream of streams) stream.request(request.frame);
  }

  private stirNode(nodeId: string): void {
    for (const stream of this.streams.get(nodeId) ?? []) this.feeder.stir(stream);
  }
}
