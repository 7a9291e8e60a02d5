import { hash } from 'node:crypto';
import { parse } from 'uuid';

/** Fixed for ever: ids of journalled messages were derived with it. */
const NAMESPACE = parse('b7d1c2f4-5a0e-5c43-9a6f-0d5f5b8f6e21');

/** Namespace and name as they are hashed. Names are far shorter; a longer one gets a buffer of its own. */
const hashed = Buffer.alloc(4096);
hashed.set(NAMESPACE);

/** The UUID of version 5 (RFC 9562) of the parts. Made by hand: each message has one, and uuid's own takes three times as long. */
function derive(...parts: readonly (string | number)[]): string {
  const name = parts.join('\u001f');
  const digest = hash('sha1', bytesOf(name), 'hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return (
    `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-` +
    `${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`
  );
}

function bytesOf(name: string): Uint8Array {
  // UTF-8 has at most three bytes for each unit of UTF-16.
  if (NAMESPACE.length + name.length * 3 > hashed.length) return Buffer.concat([NAMESPACE, Buffer.from(name)]);
  return hashed.subarray(0, NAMESPACE.length + hashed.write(name, NAMESPACE.length));
}

/** Id of the output number `index` of the step that `machine` takes for `nodeId` on input `inputId`. */
export function outputId(inputId: string, machine: string, nodeId: string, index: number): string {
  return derive('output', inputId, machine, nodeId, index);
}

/** Id of an effect's answer to an intent: the same on every repetition. */
export function resultId(intentId: string, backend: string, nodeId: string): string {
  return derive('result', intentId, backend, nodeId);
}

/** Id of a dead letter: one for each place in the log, however often it is read. */
export function deadLetterId(topic: string, partition: number, offset: string): string {
  return derive('dead-letter', topic, partition, offset);
}

/** Id of a deadline marker: two scanners, or one after a crash, send the same. */
export function deadlineId(nodeId: string, kind: string, deadlineAt: string): string {
  return derive('deadline', nodeId, kind, deadlineAt);
}

/** Id of the event that tells of a change of mass-expiry protection: `change` at `at` (RFC 3339), the same however often it is told. */
export function expiryEventId(registryId: string, change: string, at: string): string {
  return derive('expiry', registryId, change, at);
}

/** Id of what an audit found: one for each entry, however often the same audit tells of it. */
export function driftId(auditId: string, backend: string, nodeId: string, entry: string): string {
  return derive('drift', auditId, backend, nodeId, entry);
}

/** Id of the snapshot of a node at a version of its workflow: whoever publishes it. A state that was lost begins with another attempt. */
export function snapshotId(nodeId: string, attemptId: string, version: number): string {
  return derive('snapshot', nodeId, attemptId, version);
}
