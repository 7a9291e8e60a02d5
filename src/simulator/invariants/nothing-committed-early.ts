import { deadLetterId, resultId } from '../../messages/index.js';
import type { Appended } from '../kafka/broker.js';
import { entryKey } from '../../runtime/journal/rows.js';
import { desiredRevision } from '../stores/replica-store.js';
import type { World } from '../world.js';
import type { Breach, Invariant } from './invariant.js';
import { wireMessage, type WireMessage } from './observer.js';

const MACHINES: Readonly<Record<string, string>> = {
  orchestrator: 'orchestrator',
  reducer: 'reducer',
  heartbeats: 'orchestrator',
};

/** Heartbeats move columns only, and leave nothing to look for. */
const UNJOURNALLED = 'NODE_HEARTBEAT';

export const nothingCommittedEarly: Invariant = {
  name: 'nothing-committed-early',
  sentence:
    'When an offset is committed, everything that follows from the records before it is in the log: stored outputs, results of effects, and the dead letter of every record that cannot be read.',
  watch: (world, breach) => {
    const published = new Set<string>();
    return {
      appended: ({ message }) => {
        if (message !== null) published.add(message.event_id);
      },
      offsetCommitted: (group, { topic, partition }, from, to) => {
        for (const record of world.broker.records(topic, partition).slice(Math.min(from, to), to)) {
          check(world, group, record, published, breach);
        }
      },
    };
  },
};

function check(world: World, group: string, record: Appended, published: ReadonlySet<string>, breach: Breach): void {
  const { topic, partition, offset } = record;
  const where = `${group} committed ${topic}/${partition}@${offset}`;
  if (world.rubbish.has(`${topic}/${partition}/${offset}`)) {
    const letter = deadLetterId(world.names.full(topic), partition, String(offset));
    if (!published.has(letter)) breach(`${where}, which cannot be read, before its dead letter was in the log`);
    return;
  }
  const message = wireMessage(record.value);
  if (message === null || message.event_type === UNJOURNALLED) return;
  const machine = MACHINES[group];
  if (machine === undefined) checkIntent(world, group, message, published, where, breach);
  else checkStep(world, machine, record, message, published, where, breach);
}

function checkStep(
  world: World,
  machine: string,
  record: Appended,
  message: WireMessage,
  published: ReadonlySet<string>,
  where: string,
  breach: Breach,
): void {
  const { node_id: nodeId } = message.payload;
  const entry = world.table.entries.get(entryKey(machine, nodeId, message.event_id));
  // Nothing was kept of this one where a later copy met a node that was there by then.
  const isOfLaterCopy = entry !== undefined && Date.parse(entry.occurredAt) > record.appendedAt;
  if (isOfLaterCopy) return;
  if (entry !== undefined) {
    for (const id of outputIds(entry.outputs)) {
      if (!published.has(id)) breach(`${where} (${message.event_type}) before its output ${id} was in the log`);
    }
    return;
  }
  // Of a node without a state nothing is kept; it may have got one since.
  const row = world.table.rows.get(`${machine} ${nodeId}`);
  if (row !== undefined && row.createdAt < record.at) {
    breach(`${where} (${message.event_type} of ${nodeId}), of which the journal of the ${machine} knows nothing`);
  }
}

function checkIntent(
  world: World,
  backend: string,
  message: WireMessage,
  published: ReadonlySet<string>,
  where: string,
  breach: Breach,
): void {
  const { node_id: nodeId, intent } = message.payload as WireMessage['payload'] & {
    intent?: { payload?: { revision?: number } };
  };
  if (published.has(resultId(message.event_id, backend, nodeId))) return;
  const revision = intent?.payload?.revision ?? 0;
  if ((desiredRevision(world.table, nodeId) ?? 0) > revision) return;
  breach(`${where}, the intent for revision ${revision} of ${nodeId}, which has no result and is not superseded`);
}

export function outputIds(outputs: string): readonly string[] {
  return (JSON.parse(outputs) as readonly { readonly message: { readonly event_id: string } }[]).map(
    ({ message }) => message.event_id,
  );
}
