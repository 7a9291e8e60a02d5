import {
  encodeOnce,
  headersOf,
  SNAPSHOT_TOPIC,
  SNAPSHOT_VERSION_HEADER,
  snapshotId,
  type Message,
} from '../../messages/index.js';
import type { LogRecord, OutgoingRecord } from '../lanes/lane.js';
import type { Level, NodeNow, PresentState } from './snapshot-store.js';

/**
 * A node as a record of the compacted topic: a snapshot, or a tombstone where it takes no part. A node at a version has one record,
 * whoever makes it: the same bytes, with the same id.
 */
export function snapshotRecord({ nodeId, version, state }: NodeNow, registryId: string): OutgoingRecord {
  const told = { [SNAPSHOT_VERSION_HEADER]: String(version) };
  if (state === null) return { topic: SNAPSHOT_TOPIC, key: nodeId, value: null, headers: told };
  const message = snapshotOf(nodeId, version, state, registryId);
  return {
    topic: SNAPSHOT_TOPIC,
    key: nodeId,
    value: encodeOnce(message),
    headers: { ...headersOf(message), ...told },
  };
}

/** What a record of the topic tells; version -1 where it does not say, as no record of ours does. */
export function levelOf({ value, headers }: Pick<LogRecord, 'value' | 'headers'>): Level {
  const said = headers[SNAPSHOT_VERSION_HEADER];
  const isVersion = typeof said === 'string' && /^\d{1,15}$/.test(said);
  return { version: isVersion ? Number(said) : -1, isPresent: value !== null };
}

function snapshotOf(
  nodeId: string,
  version: number,
  state: PresentState,
  registryId: string,
): Message<'NODE_REGISTRATION_SNAPSHOT'> {
  return {
    eventId: snapshotId(nodeId, state.attemptId, version),
    eventType: 'NODE_REGISTRATION_SNAPSHOT',
    eventTimestamp: state.updatedAt,
    sourceNodeId: registryId,
    correlationId: state.correlationId,
    // It is read from a state, whichever of its messages was the reason to look.
    causationId: null,
    payload: {
      nodeId,
      state: state.status,
      degraded: state.degraded,
      revision: state.revision,
      workflowVersion: version,
      attemptId: state.attemptId,
      liveness: state.liveness,
      consulRegistered: state.consulRegistered,
      postgresRegistered: state.postgresRegistered,
      registeredAt: state.registeredAt,
      activeSince: state.activeSince,
      updatedAt: state.updatedAt,
      record: state.record,
    },
  };
}
