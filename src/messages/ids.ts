import { parse, v5 as uuidv5 } from 'uuid';

/** Fixed for ever: ids of journalled messages were derived with it. */
const NAMESPACE = parse('b7d1c2f4-5a0e-5c43-9a6f-0d5f5b8f6e21');

function derive(...parts: readonly (string | number)[]): string {
  // As bytes: given a string, the library converts it character by character.
  return uuidv5(Buffer.from(parts.join('\u001f')), NAMESPACE);
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
