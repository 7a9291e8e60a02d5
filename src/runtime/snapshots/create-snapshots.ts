import { TopicNames } from '../../messages/index.js';
import type { Database } from '../journal/database.js';
import { snapshotStates } from '../journal/snapshot-states.js';
import { snapshotSweeps } from '../journal/snapshot-sweeps.js';
import type { Lane } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { RuntimeOptions } from '../options.js';
import type { Transport } from '../transport.js';
import { SnapshotLane } from './snapshot-lane.js';
import { SnapshotSweep } from './snapshot-sweep.js';

type Parts = {
  readonly options: Pick<RuntimeOptions, 'registryId' | 'topicPrefix'>;
  readonly transport: Pick<Transport, 'publish' | 'progress'>;
  readonly database: Pick<Database, 'pool'>;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
};

/** What keeps the topic of snapshots: the lane that follows changes, and the sweep that tells once of what was there before. */
export type Snapshots = { readonly lane: Lane; readonly sweep: SnapshotSweep };

export function createSnapshots({ options, transport, database, log, metrics }: Parts): Snapshots {
  const { registryId, topicPrefix } = options;
  return {
    lane: new SnapshotLane({
      store: snapshotStates(database),
      publish: (records) => transport.publish(records),
      registryId,
      log,
      metrics,
    }),
    sweep: new SnapshotSweep({
      store: snapshotSweeps(database),
      transport,
      names: new TopicNames(topicPrefix),
      registryId,
      log,
      metrics,
    }),
  };
}
