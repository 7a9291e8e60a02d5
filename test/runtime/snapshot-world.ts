import { pino } from 'pino';
import { Registry } from 'prom-client';
import { SNAPSHOT_STATES, SNAPSHOT_TOPIC, type SnapshotState } from '../../src/messages/index.js';
import type { LogRecord, OutgoingRecord, Position } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { SnapshotLane } from '../../src/runtime/snapshots/snapshot-lane.js';
import { levelOf } from '../../src/runtime/snapshots/snapshot-record.js';
import type { Level, NodeNow, PresentState, SnapshotStore } from '../../src/runtime/snapshots/snapshot-store.js';
import { at, id } from '../support/builders.js';

export const CHANGES = 'evt.node-became-active.v1';

export function presentState(nodeId: string, version: number, status: SnapshotState = 'active'): PresentState {
  return {
    status,
    attemptId: id(1),
    correlationId: id(2),
    liveness: 'heartbeat',
    degraded: false,
    consulRegistered: true,
    postgresRegistered: true,
    revision: version,
    record: {
      nodeId,
      nodeType: 'effect',
      nodeVersion: '1.0.0',
      capabilities: { some_thing: true },
      capabilityTags: ['some_thing'],
      endpoints: { api: 'http://10.0.0.1/' },
      metadata: { costCentre: 7 },
      healthEndpoint: null,
      incarnation: 100,
    },
    registeredAt: at(1),
    activeSince: at(2),
    updatedAt: at(version),
  };
}

type Topic = typeof CHANGES | typeof SNAPSHOT_TOPIC;
type Gate = { readonly open: () => void; readonly lose: () => void };

/** States of nodes, and a log of two topics with one partition each and offsets of one group; nothing else is shared. */
export class SnapshotWorld {
  readonly states = new Map<string, NodeNow>();
  readonly log: Readonly<Record<Topic, LogRecord[]>> = { [CHANGES]: [], [SNAPSHOT_TOPIC]: [] };
  readonly committed: Record<Topic, number> = { [CHANGES]: 0, [SNAPSHOT_TOPIC]: 0 };

  /** The node takes a step, and the log tells of it, as it does of all that changes a node. */
  change(nodeId: string, isPresent: boolean): void {
    const version = (this.states.get(nodeId)?.version ?? 0) + 1;
    const status = SNAPSHOT_STATES[version % SNAPSHOT_STATES.length];
    this.states.set(nodeId, { nodeId, version, state: isPresent ? presentState(nodeId, version, status) : null });
    this.append({ topic: CHANGES, key: nodeId, value: '{}', headers: {} });
  }

  append({ topic, key, value, headers }: OutgoingRecord): Position {
    const log = this.log[topic as Topic];
    const offset = log.length;
    log.push({
      topic,
      topicName: `dev.onex.${topic}`,
      partition: 0,
      offset: String(offset),
      key: key === null ? null : Buffer.from(key),
      value: value === null ? null : Buffer.from(value),
      headers,
      appendedAt: offset,
    });
    return { partition: 0, offset, appendedAt: offset };
  }

  /** What a consumer makes of the topic: the last record of each key counts. */
  get folded(): ReadonlyMap<string, Level> {
    return new Map(this.log[SNAPSHOT_TOPIC].map((record) => [String(record.key), levelOf(record)]));
  }

  /** Nodes of which the topic does not tell what is so. */
  get wrong(): readonly string[] {
    return [...this.states.values()].flatMap(({ nodeId, version, state }) => {
      const told = this.folded.get(nodeId);
      const isRight = state === null ? told?.isPresent !== true : told?.isPresent === true && told.version === version;
      return isRight ? [] : [`${nodeId} is ${state === null ? 'gone' : version}, told ${JSON.stringify(told)}`];
    });
  }

  get isRead(): boolean {
    return [CHANGES, SNAPSHOT_TOPIC].every(
      (topic) => this.committed[topic as Topic] === this.log[topic as Topic].length,
    );
  }
}

/** A process that keeps the topic: every read of a state and every publish of it waits for a gate to open. */
export class Projector {
  readonly gates: Gate[] = [];
  readonly lines: { readonly msg: string }[] = [];
  failure: unknown = null;
  private isDead = false;
  private readonly lane: SnapshotLane;

  constructor(
    private readonly world: SnapshotWorld,
    /** What it reads back of the topic; a mutant reads nothing. */
    private readonly readsBack: boolean = true,
  ) {
    const store: SnapshotStore = {
      levels: (nodeIds) =>
        this.atGate(
          () =>
            new Map(
              nodeIds.flatMap((nodeId) => {
                const now = world.states.get(nodeId);
                return now === undefined ? [] : [[nodeId, { version: now.version, isPresent: now.state !== null }]];
              }),
            ),
        ),
      nodes: (nodeIds) => this.atGate(() => nodeIds.flatMap((nodeId) => world.states.get(nodeId) ?? [])),
    };
    this.lane = new SnapshotLane({
      store,
      publish: (records) => this.atGate(() => records.map((record) => world.append(record))),
      registryId: 'rollcall',
      log: pino({ level: 'warn' }, { write: (line: string) => this.lines.push(JSON.parse(line) as { msg: string }) }),
      metrics: new RuntimeMetrics(new Registry()),
      gatherMs: 0,
    });
  }

  get topics(): readonly string[] {
    return this.lane.topics;
  }

  /** Delivers what the group has not committed of a topic, whoever else has it in hand; commits once the lane is done. */
  deliver(topic: Topic): void {
    const { world } = this;
    const end = world.log[topic].length;
    const records = world.log[topic].slice(world.committed[topic], end);
    if (this.isDead || records.length === 0) return;
    const seen = this.readsBack || topic !== SNAPSHOT_TOPIC ? records : [];
    void this.lane.handle(seen).then(
      () => {
        if (!this.isDead) world.committed[topic] = Math.max(world.committed[topic], end);
      },
      (error: unknown) => (this.failure = error),
    );
  }

  /** kill -9: nothing is committed any more. What was on its way to servers may arrive, or not. */
  kill(arrives: boolean): void {
    this.isDead = true;
    for (const gate of this.gates.splice(0)) if (arrives) gate.open();
  }

  private atGate<T>(act: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.gates.push({
        open: () => {
          const result = act();
          if (!this.isDead) resolve(result);
        },
        lose: () => reject(new Error('lost')),
      });
    });
  }
}

/** Lets everything go on that waits for nothing but its turn. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** The projector alone reads to the end of the log, and of what it writes itself meanwhile. */
export async function readToTheEnd(world: SnapshotWorld, projector: Projector): Promise<void> {
  for (let round = 0; !world.isRead; round += 1) {
    if (round > 1000) throw new Error('it never comes to an end');
    projector.deliver(CHANGES);
    projector.deliver(SNAPSHOT_TOPIC);
    while (projector.gates.length > 0) {
      projector.gates.shift()?.open();
      await settled();
    }
    await settled();
  }
}
