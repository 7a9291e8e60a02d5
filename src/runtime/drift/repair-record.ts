import { driftId, encode, headersOf, topicOf, type Backend, type Message } from '../../messages/index.js';
import type { OutgoingRecord } from '../lanes/lane.js';
import type { Finding } from './backend-audit.js';
import { entryName } from './drift-report.js';

/** As many as the message takes. */
const MAX_DIFFERENCES = 64;

export type RepairOrigin = {
  /** Of the audit, or of the request of an operator: the same entry has the same message id however often it is asked for. */
  readonly askedBy: string;
  readonly backend: Backend;
  readonly registryId: string;
  /** RFC 3339, UTC. */
  readonly now: string;
};

/** Tells the reducer what was found; it decides whether that still is so, and asks the backend again. */
export function repairRecord(finding: Finding, { askedBy, backend, registryId, now }: RepairOrigin): OutgoingRecord {
  const { nodeId, drift, revision, foundRevision, differences, entry } = finding;
  if (drift === 'foreign') throw new Error(`${nodeId} is not ours: foreign entries are never repaired`);
  const message: Message<'REGISTRY_DRIFT_DETECTED'> = {
    eventId: driftId(askedBy, backend, nodeId, entryName(finding)),
    eventType: 'REGISTRY_DRIFT_DETECTED',
    eventTimestamp: now,
    sourceNodeId: registryId,
    correlationId: askedBy,
    causationId: null,
    payload: {
      nodeId,
      backend,
      drift,
      revision,
      foundRevision,
      differences: differences.slice(0, MAX_DIFFERENCES),
      entry,
    },
  };
  return { topic: topicOf(message.eventType), key: nodeId, value: encode(message), headers: headersOf(message) };
}
