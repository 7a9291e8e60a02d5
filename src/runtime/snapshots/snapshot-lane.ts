import { setTimeout as sleep } from 'node:timers/promises';
import { errorText, NODE_ID_PATTERN, SNAPSHOT_TOPIC, topicOf, type TopicSuffix } from '../../messages/index.js';
import { Gathering } from '../lanes/gathering.js';
import { LaneUnavailable, type Lane, type LogRecord, type Publish } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import { judge } from './judge.js';
import { PublishedVersions } from './published-versions.js';
import { levelOf, snapshotRecord } from './snapshot-record.js';
import type { NodeNow, SnapshotStore } from './snapshot-store.js';

export type SnapshotLaneOptions = {
  readonly store: SnapshotStore;
  readonly publish: Publish;
  readonly registryId: string;
  readonly log: Log;
  readonly metrics: Pick<RuntimeMetrics, 'batch' | 'timed' | 'snapshots'>;
  /** A named number unless told. Milliseconds. */
  readonly gatherMs?: number;
};

/** Whatever changes a node that takes part, or ends its part, is told by one of these. */
export const CHANGE_TOPICS = [
  topicOf('NODE_REGISTRATION_INITIATED'),
  topicOf('NODE_DEREGISTRATION_INITIATED'),
  topicOf('NODE_REGISTRATION_ACCEPTED'),
  topicOf('NODE_REGISTRATION_REJECTED'),
  topicOf('NODE_BECAME_ACTIVE'),
  topicOf('NODE_REGISTRATION_UPDATED'),
  topicOf('NODE_REGISTRATION_UPDATE_FAILED'),
  topicOf('NODE_REGISTRATION_CONVERGED'),
] as const satisfies readonly TopicSuffix[];

/** A registration takes several steps, mostly within this time: one snapshot tells of them all. */
const GATHER_MS = 250;
/** So many records have gathered enough. */
const ENOUGH = 400;
/** Nodes of one statement and one publish. */
const MAX_NODES = 500;
const RETRY_AFTER_MS = 1000;

/** Nodes of which something was told, and the last record of each that came back from the topic itself. */
type Batch = { records: number; readonly changed: Set<string>; readonly seen: Map<string, LogRecord> };

/**
 * Keeps the topic of snapshots as the fleet is. An event is a reason to look, no more: what is published is the state of that moment,
 * so events may come late, twice, and in any order. Two processes may still publish in the wrong order, and one may be killed
 * amid that; so the topic is read back, and a record that is not as the state is followed by one that is. The last record of a key
 * was therefore right when it was read, and whatever changed since is told by an event yet to come.
 * See docs/decisions/028-snapshots.md.
 */
export class SnapshotLane implements Lane {
  readonly group = 'snapshots';
  readonly topics = [...CHANGE_TOPICS, SNAPSHOT_TOPIC];
  private readonly batches: Gathering<Batch>;
  private readonly published = new PublishedVersions();

  constructor(private readonly options: SnapshotLaneOptions) {
    const { gatherMs = GATHER_MS } = options;
    this.batches = new Gathering<Batch>(
      () => ({ records: 0, changed: new Set(), seen: new Map() }),
      (batch) => this.work(batch),
      ({ records }) => (records < ENOUGH && gatherMs > 0 ? sleep(gatherMs) : undefined),
    );
  }

  /** See {@link Lane.handle}. Only keys are read of events, so nothing can be wrong with them. */
  handle(records: readonly LogRecord[]): Promise<void> {
    return this.batches.add((batch) => {
      batch.records += records.length;
      for (const record of records) {
        const nodeId = record.key?.toString() ?? '';
        if (!NODE_ID_PATTERN.test(nodeId)) continue;
        if (record.topic === SNAPSHOT_TOPIC) batch.seen.set(nodeId, record);
        else batch.changed.add(nodeId);
      }
    }).done;
  }

  private async work({ records, changed, seen }: Batch): Promise<void> {
    const { metrics } = this.options;
    metrics.batch(this.group, records);
    try {
      const wrong = await this.wrongOf([...seen]);
      const nodeIds = [...new Set([...changed, ...wrong])];
      for (let from = 0; from < nodeIds.length; from += MAX_NODES) {
        await this.tell(nodeIds.slice(from, from + MAX_NODES), wrong);
      }
    } catch (error) {
      throw new LaneUnavailable(`${this.group}: ${errorText(error)}`, RETRY_AFTER_MS, { cause: error });
    }
  }

  /** Nodes whose last record is not as they are. */
  private async wrongOf(seen: readonly (readonly [string, LogRecord])[]): Promise<ReadonlySet<string>> {
    const { store, metrics, log } = this.options;
    const wrong = new Set<string>();
    const ahead: string[] = [];
    for (let from = 0; from < seen.length; from += MAX_NODES) {
      const some = seen.slice(from, from + MAX_NODES);
      const levels = await metrics.timed(this.group, 'look', () => store.levels(some.map(([nodeId]) => nodeId)));
      for (const [nodeId, record] of some) {
        const now = levels.get(nodeId) ?? { version: 0, isPresent: false };
        const verdict = judge(levelOf(record), now);
        if (verdict === 'ahead') ahead.push(nodeId);
        if (verdict === 'wrong' && !this.published.isBehind(nodeId, now.version, record)) wrong.add(nodeId);
      }
    }
    if (ahead.length > 0) {
      log.warn(
        { nodes: ahead.length, example: ahead[0] },
        'snapshots are ahead of the state database: was it restored from a backup, or does another registry write to the topic?',
      );
    }
    metrics.snapshots('ahead', ahead.length);
    return wrong;
  }

  private async tell(nodeIds: readonly string[], wrong: ReadonlySet<string>): Promise<void> {
    const { store, publish, registryId, metrics } = this.options;
    const nodes = await metrics.timed(this.group, 'look', () => store.nodes(nodeIds));
    const known = new Set(nodes.map(({ nodeId }) => nodeId));
    const unknown = nodeIds
      .filter((nodeId) => wrong.has(nodeId) && !known.has(nodeId))
      .map((nodeId): NodeNow => ({ nodeId, version: 0, state: null }));
    const due = [
      ...nodes.filter(({ nodeId, version }) => wrong.has(nodeId) || !this.published.isThat(nodeId, version)),
      ...unknown,
    ];
    const records = due.map((node) => snapshotRecord(node, registryId));
    const positions = await metrics.timed(this.group, 'publish', () => publish(records));
    for (const [index, { nodeId, version }] of due.entries()) this.published.add(nodeId, version, positions[index]);
    const gone = due.filter(({ state }) => state === null).length;
    metrics.snapshots('published', due.length - gone);
    metrics.snapshots('removed', gone);
    metrics.snapshots('unchanged', nodes.length + unknown.length - due.length);
  }
}
