import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Registry } from 'prom-client';
import type { Message } from '../../src/messages/index.js';
import { DeadlineScanner } from '../../src/runtime/deadlines/deadline-scanner.js';
import { MassExpiryGuard } from '../../src/runtime/deadlines/mass-expiry-guard.js';
import { createLog, type Database } from '../../src/runtime/index.js';
import { readGuard } from '../../src/runtime/journal/expiry-guard.js';
import { deadlineStore } from '../../src/runtime/journal/deadline-store.js';
import type { Queryable } from '../../src/runtime/journal/due-deadlines.js';
import { LeaderLock, leadThrough, SCANNER_LOCK, type Leadership } from '../../src/runtime/journal/leader-lock.js';
import type { OutgoingRecord, Publish } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import type { Progress } from '../../src/runtime/transport.js';
import { createStateDatabase, type StateDatabase } from '../api/state-database.js';
import { messageIn, REGISTRY_ID } from '../support/machines.js';
import { seedNodes, seeds, speak } from '../support/node-rows.js';
import { describeStack, until } from '../support/stack.js';
import { TIMINGS } from '../support/workflow.js';

const WINDOW_MS = 300;
const LOOK_EVERY_MS = WINDOW_MS / 4;
/** What the server allows the leader's session. */
const IDLE_SESSION_MS = 5000;
/** What would take a new listener many looks. */
const LONG_MS = 50 * LOOK_EVERY_MS;
/** Short, so that looks at all deadlines are not far apart. */
const TIMES = {
  ...TIMINGS,
  ackTimeoutMs: WINDOW_MS,
  degradedAcceptAfterMs: WINDOW_MS,
  heartbeatIntervalMs: 100,
  livenessWindowMs: WINDOW_MS,
};
const HEARD: readonly Progress[] = [{ partition: 0, end: 5n, committed: 5n }];
const SHORT = { afterMs: WINDOW_MS };
const FAR = { dueInMs: 600_000, afterMs: 600_000 };

const log = createLog('silent');

/** Before it judges, it lets something happen. */
class InterruptedGuard extends MassExpiryGuard {
  interrupt: () => Promise<unknown> = () => Promise.resolve();

  override async admits(...asked: Parameters<MassExpiryGuard['admits']>): Promise<boolean> {
    await this.interrupt();
    return super.admits(...asked);
  }
}

/** The lead, which the server leaves even to a machine that stalls. */
function lasting(lock: LeaderLock): Leadership<Queryable> {
  return {
    lead: async () => {
      const connection = await lock.lead();
      await connection?.query('set idle_session_timeout = 0');
      return connection;
    },
    keep: () => lock.keep(),
    release: () => lock.release(),
  };
}

/** Time that stands still while the machine does: to who listens, its stall is a gap, behind which he rightly begins anew. */
function timeWithoutStalls(): void {
  const now = performance.now.bind(performance);
  let last = now();
  let time = last;
  jest.spyOn(performance, 'now').mockImplementation(() => {
    const present = now();
    time += Math.min(present - last, 4 * LOOK_EVERY_MS);
    last = present;
    return time;
  });
}

/** A scanner and the world around it. Everything in `log` is what all of them have published. */
class Replica {
  /** Null: the log of heartbeats cannot be reached. */
  progress: readonly Progress[] | null = HEARD;
  failing: 'no' | 'before' | 'after' = 'no';
  refused = 0;
  scans = 0;
  looks = 0;
  readonly own: OutgoingRecord[] = [];
  readonly registry = new Registry();
  readonly guard: InterruptedGuard;
  private readonly scanner: DeadlineScanner;

  constructor(database: Database, published: OutgoingRecord[], intervalMs: number, lead = lasting) {
    const publish: Publish = (records) => {
      if (this.failing === 'before') {
        this.refused++;
        return Promise.reject(new Error('the log is away'));
      }
      published.push(...records);
      this.own.push(...records);
      return this.failing === 'after' ? Promise.reject(new Error('the answer got lost')) : Promise.resolve([]);
    };
    const massExpiry = { share: 0.3, minNodes: 10 };
    this.guard = new InterruptedGuard({ massExpiry, registryId: REGISTRY_ID, publish, log });
    this.scanner = new DeadlineScanner({
      lock: leadThrough(lead(new LeaderLock(database, SCANNER_LOCK, log)), deadlineStore),
      guard: this.guard,
      pacing: {
        current: () => {
          this.scans++;
          return Promise.resolve(TIMES);
        },
        counted: () => undefined,
      },
      publish,
      heartbeatProgress: () => {
        this.looks++;
        return this.progress === null ? Promise.reject(new Error('no broker')) : Promise.resolve(this.progress);
      },
      registryId: REGISTRY_ID,
      intervalMs,
      timings: TIMES,
      log,
      metrics: new RuntimeMetrics(this.registry),
    });
  }

  start(): this {
    this.scanner.start();
    return this;
  }

  close(): Promise<void> {
    return this.scanner.close();
  }

  /** So many rounds more, from beginning to end, and as many looks. */
  async rounds(count: number): Promise<void> {
    const [scans, looks] = [this.scans + count + 1, this.looks + count];
    await until(() => this.scans >= scans && this.looks >= looks, {
      everyMs: 10,
      what: 'more rounds',
    });
  }

  async leads(): Promise<boolean> {
    const metric = await this.registry.getSingleMetric('rollcall_deadline_scan_leader')?.get();
    return metric?.values[0]?.value === 1;
  }
}

describeStack('the scan for deadlines', ['postgres'], () => {
  let state: StateDatabase;
  let database: Database;
  let published: OutgoingRecord[];
  const replicas: Replica[] = [];

  beforeAll(async () => {
    state = await createStateDatabase();
    database = state.database;
  });
  afterAll(() => state.drop());
  beforeEach(async () => {
    await database.pool.query('truncate machine_states, expiry_guard');
    await database.pool.query('insert into expiry_guard default values');
    published = [];
  });
  afterEach(async () => {
    await Promise.all(replicas.splice(0).map((replica) => replica.close()));
  });

  function replica(intervalMs = 10, lead = lasting): Replica {
    const made = new Replica(database, published, intervalMs, lead);
    replicas.push(made);
    return made;
  }

  const messages = (): readonly Message[] => published.map(messageIn);
  const markers = (): readonly string[] =>
    messages().flatMap(({ eventType, payload }) =>
      eventType === 'DEADLINE_PASSED' ? [`${payload.kind} ${payload.nodeId}`] : [],
    );
  const events = (): readonly string[] =>
    messages().flatMap(({ eventType }) => (eventType === 'DEADLINE_PASSED' ? [] : [eventType]));
  const marked = (count: number): Promise<unknown> =>
    until(() => published.filter(({ headers }) => headers['event_type'] === 'DEADLINE_PASSED').length >= count, {
      everyMs: 10,
      what: `${count} markers`,
    });

  it('marks what is owed by ack and by backend at once, whether heartbeats are heard or not', async () => {
    await seedNodes(database.pool, [
      { nodeId: 'unacked', kind: 'ack', status: 'awaiting_ack', dueInMs: -2000 },
      { nodeId: 'partial', kind: 'degraded', status: 'pending_registration', dueInMs: -1000 },
      { nodeId: 'silent', ...SHORT },
      { nodeId: 'in-time', kind: 'ack', status: 'awaiting_ack', dueInMs: 600_000 },
    ]);
    const leader = replica();
    leader.progress = null;
    await leader.start().rounds(5);
    expect(markers()).toEqual(['ack unacked', 'degraded partial']);
    expect(published.map(({ topic }) => topic)).toEqual([
      'cmd.node-registration-acked.v1',
      'evt.registration-progress.v1',
    ]);
    await until(() => leader.leads(), { what: 'the lead' });
  });

  it('marks silence once it was listened for as long as the node had, and not before', async () => {
    await seedNodes(database.pool, [
      { nodeId: 'short', ...SHORT },
      { nodeId: 'long', afterMs: 600_000 },
    ]);
    const leader = replica();
    leader.progress = null;
    await leader.start().rounds(5);
    expect(markers()).toEqual([]);
    leader.progress = [{ partition: 0, end: 5n, committed: 4n }];
    await leader.rounds(5);
    expect(markers()).toEqual([]);
    const looks = leader.looks;
    leader.progress = HEARD;
    await marked(1);
    // One from which on it is listening, and one that finds that it still is.
    expect(leader.looks - looks).toBeGreaterThanOrEqual(2);
    await leader.rounds(5);
    expect(markers()).toEqual(['liveness short']);
  });

  it('rests between two tries while the log is away', async () => {
    await seedNodes(database.pool, [{ nodeId: 'silent', ...SHORT }]);
    const leader = replica(600_000);
    leader.progress = null;
    leader.start();
    await until(() => leader.scans > 0, { what: 'the first scan, which finds the node' });
    const [began, before] = [performance.now(), leader.looks];
    await until(() => leader.looks >= before + 10, { everyMs: 10, what: 'ten looks at the log' });
    const looks = leader.looks - before;
    // All of them are looks of who listens, but for one of the scan. A slow machine makes their rests longer, never shorter.
    expect(looks).toBeLessThanOrEqual((performance.now() - began) / LOOK_EVERY_MS + 3);
    expect(markers()).toEqual([]);
  });

  it('marks each deadline once, round for round, and the next one of the node again', async () => {
    await seedNodes(database.pool, [{ nodeId: 'a', kind: 'ack', status: 'awaiting_ack' }]);
    const leader = replica().start();
    await marked(1);
    await leader.rounds(5);
    expect(markers()).toEqual(['ack a']);
    await database.pool.query(`update machine_states set deadline_at = deadline_at + interval '10 ms'`);
    await marked(2);
    expect(new Set(messages().map(({ eventId }) => eventId)).size).toBe(2);
  });

  it('goes on page after page', async () => {
    const many = ['a', 'b', 'c'].flatMap((name) => seeds(999, name, { kind: 'ack', status: 'awaiting_ack' }));
    await seedNodes(database.pool, many);
    const leader = replica().start();
    await marked(many.length);
    await leader.rounds(2);
    expect(new Set(markers()).size).toBe(many.length);
    expect(published).toHaveLength(many.length);
  });

  it('repeats what the log did not take', async () => {
    await seedNodes(database.pool, [{ nodeId: 'a', kind: 'ack', status: 'awaiting_ack' }]);
    const leader = replica();
    leader.failing = 'before';
    leader.start();
    await until(() => leader.refused > 1, { what: 'the log to refuse twice' });
    expect(published).toEqual([]);
    leader.failing = 'no';
    await marked(1);
  });

  it('sends the same to the byte after a crash between publishing and knowing of it, whoever leads then', async () => {
    await seedNodes(database.pool, [{ nodeId: 'a', kind: 'ack', status: 'awaiting_ack' }]);
    const first = replica();
    first.failing = 'after';
    first.start();
    await marked(1);
    await first.close();
    const before = published.length;
    replica().start();
    await marked(before + 1);
    expect(published.at(-1)).toEqual(published[0]);
  });

  it('is done by one of two; the other listens, and takes over without beginning anew', async () => {
    timeWithoutStalls();
    await seedNodes(database.pool, seeds(20, 'unacked', { kind: 'ack', status: 'awaiting_ack' }));
    const [first, second] = [replica().start(), replica().start()];
    await marked(20);
    expect(published).toHaveLength(20);
    const [leader, other] = first.own.length > 0 ? [first, second] : [second, first];
    expect([await leader.leads(), await other.leads()]).toEqual([true, false]);
    expect(other.own).toEqual([]);
    const listened = 2 + LONG_MS / LOOK_EVERY_MS;
    await until(() => other.looks > listened, { what: 'the other to have listened for long' });
    await leader.close();
    const { looks } = other;
    await seedNodes(database.pool, [{ nodeId: 'silent', afterMs: LONG_MS }]);
    await until(() => markers().includes('liveness silent'), { everyMs: 10, what: 'the silent node' });
    // What nobody has decided yet it sends again: the same.
    expect(other.own.slice(0, 20)).toEqual(leader.own);
    expect(other.own).toHaveLength(21);
    expect(other.looks - looks).toBeLessThan(LONG_MS / LOOK_EVERY_MS);
  });

  it('gives the lead to a replica that reaches the log', async () => {
    await seedNodes(database.pool, [{ nodeId: 'a', kind: 'ack', status: 'awaiting_ack' }]);
    const first = replica();
    first.failing = 'before';
    first.start();
    await until(() => first.refused > 0, { what: 'the first to have tried' });
    const second = replica().start();
    await marked(1);
    expect(second.own).toHaveLength(1);
  });

  it('keeps the lead while it rests for longer than the server lets a session idle', async () => {
    const leader = replica(2 * IDLE_SESSION_MS, (lock) => lock).start();
    const sessions = async (): Promise<readonly number[]> => {
      const { rows } = await database.pool.query<{ pid: number }>(
        `select l.pid from pg_locks l join pg_database d on d.oid = l.database
         where l.locktype = 'advisory' and d.datname = current_database()`,
      );
      return rows.map(({ pid }) => pid);
    };
    let [held, scans, since] = [await sessions(), leader.scans, performance.now()];
    const lasts = async (): Promise<boolean> => {
      const present = await sessions();
      // A machine that stalls for as long loses it after all; then it is the next one that has to last.
      if (String(present) !== String(held) || leader.scans !== scans) {
        [held, scans, since] = [present, leader.scans, performance.now()];
      }
      return held.length === 1 && performance.now() - since > IDLE_SESSION_MS + 1000;
    };
    await until(lasts, { everyMs: 200, what: 'a session that lasts from one scan to the next' });
  });

  describe('with mass-expiry protection', () => {
    it('expires one silent node among many that talk', async () => {
      await seedNodes(database.pool, [...seeds(50, 'talking', FAR), { nodeId: 'silent', ...SHORT }]);
      const leader = replica().start();
      await marked(1);
      await leader.rounds(2);
      expect([markers(), events()]).toEqual([['liveness silent'], []]);
    });

    it('holds back when many fall silent, acks excepted, and resumes when they talk', async () => {
      await seedNodes(database.pool, [
        ...seeds(60, 'talking', FAR),
        ...seeds(40, 'silent', SHORT),
        { nodeId: 'unacked', kind: 'ack', status: 'awaiting_ack' },
      ]);
      const leader = replica().start();
      await until(() => events().length > 0, { what: 'the hold to be told' });
      await leader.rounds(5);
      expect([markers(), events()]).toEqual([['ack unacked'], ['REGISTRY_EXPIRY_HELD']]);
      expect(await readGuard(database.pool)).toMatchObject({ expiring: 40, live: 100, announcement: null });
      await database.pool.query(`update machine_states set deadline_after_ms = 600000 where node_id like 'silent%'`);
      await speak(database.pool, 'silent');
      await until(() => events().length > 1, { what: 'it to resume' });
      await leader.rounds(3);
      expect([markers(), events()]).toEqual([['ack unacked'], ['REGISTRY_EXPIRY_HELD', 'REGISTRY_EXPIRY_RESUMED']]);
    });

    it('marks nobody who speaks while the fleet is counted', async () => {
      await seedNodes(database.pool, [...seeds(60, 'talking', FAR), ...seeds(40, 'silent', SHORT)]);
      const leader = replica().start();
      await until(() => events().length > 0, { what: 'the hold to be told' });
      leader.guard.interrupt = async () => {
        leader.guard.interrupt = () => Promise.resolve();
        await database.pool.query(`update machine_states set deadline_after_ms = 600000 where node_id like 'silent%'`);
        await speak(database.pool, 'silent');
      };
      await until(() => events().length > 1, { what: 'it to resume' });
      await leader.rounds(3);
      expect([markers(), events()]).toEqual([[], ['REGISTRY_EXPIRY_HELD', 'REGISTRY_EXPIRY_RESUMED']]);
    });

    it('goes on with the hold of the leader before', async () => {
      await seedNodes(database.pool, [...seeds(60, 'talking', FAR), ...seeds(40, 'silent', SHORT)]);
      const first = replica().start();
      await until(() => events().length > 0, { what: 'the hold to be told' });
      await first.close();
      const second = replica().start();
      await second.rounds(10);
      expect([markers(), events()]).toEqual([[], ['REGISTRY_EXPIRY_HELD']]);
    });

    it('expires all where an operator released it', async () => {
      await seedNodes(database.pool, [...seeds(60, 'talking', FAR), ...seeds(40, 'silent', SHORT)]);
      replica().start();
      await until(() => events().length > 0, { what: 'the hold to be told' });
      expect(markers()).toEqual([]);
      await database.pool.query(`update expiry_guard set released_until = now() + interval '1 hour'`);
      await marked(40);
      expect(events()).toEqual(['REGISTRY_EXPIRY_HELD', 'REGISTRY_EXPIRY_RESUMED']);
      expect(new Set(markers()).size).toBe(40);
    });
  });
});
