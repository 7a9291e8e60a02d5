import { randomUUID } from 'node:crypto';
import type { Admin, Kafka } from 'kafkajs';
import { errorText, type TopicNames } from '../../messages/index.js';
import { backoffMs, pause } from '../backoff.js';
import type { Log } from '../log.js';
import type { Tap } from '../transport.js';
import { endsOf, type Positions } from './positions.js';
import { TapReader } from './tap-reader.js';
import { ThrowawayGroups } from './throwaway-groups.js';
import { within } from './within.js';

/** What the log held this long ago has to be heard by now, or reading is stuck. */
const WATCH_INTERVAL_MS = 30_000;
const ENDS_WITHIN_MS = 10_000;
/** Who listens for the time of one request often comes again; to go on after a rest costs more than to read a little. */
const REST_AFTER_MS = 10_000;

export type EventTapOptions = {
  readonly kafka: Kafka;
  /** Shared with the transport, and connected by it. */
  readonly admin: Admin;
  readonly names: TopicNames;
  readonly groupPrefix: string;
  readonly tap: Tap;
  readonly log: Log;
  readonly watchIntervalMs?: number;
  /** It reads no more when nobody has listened for this long. Milliseconds. */
  readonly restAfterMs?: number;
};

/**
 * Reads the tap's topics from their present ends, beside all consumer groups. Every record that is appended after the start is
 * either heard or followed by {@link Tap.missed}, which is called after the first fetch of every join. Its modes:
 * - *reading*: a {@link TapReader}. A rejoin goes on where it was, and hears everything.
 * - *resting*: nobody has listened for a while. The reader stays where it is, and goes on at the ends of then when somebody does.
 * - *lost*: the reader crashed, is stuck, or Kafka is away. After a while a new reader begins, in a new group and at the ends of
 *   then: what was appended in between is missed, as whoever follows looks at everything again anyway.
 * - *closed*: the groups are deleted.
 *
 * Its trouble is nobody else's: it shows in the log only.
 */
export class EventTap {
  private readonly closing = new AbortController();
  private readonly topics: readonly string[];
  private readonly groups: ThrowawayGroups;
  private reader: TapReader | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: EventTapOptions) {
    this.topics = options.tap.topics.map((suffix) => options.names.full(suffix));
    this.groups = new ThrowawayGroups(options.admin, options.log);
  }

  start(): void {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    this.reader?.lose('the tap is closed');
    await this.running;
    await this.groups.delete();
  }

  private async run(): Promise<void> {
    const { signal } = this.closing;
    for (let attempt = 0; ;) {
      const { reason, hasRead } = await this.readUntilLost().catch(notBegun);
      if (signal.aborted) return;
      if (hasRead) attempt = 0;
      const retryInMs = backoffMs(attempt++);
      this.options.log.warn({ reason, retryInMs }, 'not hearing the events of the log, trying again');
      await pause(retryInMs, signal);
    }
  }

  private async readUntilLost(): Promise<Outcome> {
    const { kafka, names, groupPrefix, tap, log, restAfterMs = REST_AFTER_MS } = this.options;
    const { signal } = this.closing;
    const ends = () => this.ends();
    const positions = await ends();
    await this.groups.delete();
    signal.throwIfAborted();
    const groupId = `${groupPrefix}.tap-${randomUUID()}`;
    const reader = new TapReader({
      kafka,
      groupId,
      topics: this.topics,
      positions,
      ends,
      restAfterMs,
      names,
      tap,
      log,
    });
    this.reader = reader;
    this.groups.add(groupId);
    const watch = this.watch(reader, positions);
    try {
      const reason = await reader.read();
      return { reason, hasRead: reader.hasRead };
    } finally {
      clearInterval(watch);
    }
  }

  private ends(): Promise<Positions> {
    const late = `the ends of the topics are not known after ${ENDS_WITHIN_MS} ms`;
    return within(ENDS_WITHIN_MS, endsOf(this.options.admin, this.topics), late, this.closing.signal);
  }

  /** kafkajs can lose sight of a partition without saying so (its leader was not known at the wrong moment). */
  private watch(reader: TapReader, positions: Positions): NodeJS.Timeout {
    const { admin, log, watchIntervalMs = WATCH_INTERVAL_MS } = this.options;
    let before: Positions | undefined;
    const look = async (): Promise<void> => {
      try {
        const ends = await endsOf(admin, this.topics);
        // Where it rests it may be far behind, and goes on at the ends.
        const stuck = reader.isResting ? undefined : before && positions.behind(before);
        if (stuck !== undefined) reader.lose(`${stuck} is not being read`);
        before = reader.isResting ? undefined : ends;
      } catch (error) {
        log.debug({ error: errorText(error) }, 'the tap was not looked after');
      }
    };
    return setInterval(() => void look(), watchIntervalMs).unref();
  }
}

type Outcome = { readonly reason: string; readonly hasRead: boolean };

function notBegun(error: unknown): Outcome {
  return { reason: errorText(error), hasRead: false };
}
