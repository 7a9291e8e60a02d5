import type { Backend, TopicSuffix } from '../../messages/index.js';
import type { World } from '../world.js';
import type { Invariant } from './invariant.js';
import type { RepairMessage } from './observer.js';

/** A backend that could not be read has to be there again for so long, by the clock of the process. */
const SETTLING_MS = 10_000;
const ROUNDING_MS = 1;

type Reading = {
  readonly group: string;
  readonly topic: TopicSuffix;
  readonly partition: number;
  readonly end: number;
};
type View = { readonly at: number; readonly ends: readonly Reading[] };

export const blindAuditsRepairNothing: Invariant = {
  name: 'blind-audits-repair-nothing',
  sentence:
    'No repair is asked for by an audit that could not read all of its backend, or could not within the 10 s before; nor while the breaker of its process is open; nor before reducer and backend have read what was in the log when the audit began.',
  watch: (world, breach) => {
    const views = new Map<string, View>();
    const unreadAt = new Map<string, number>();
    return {
      auditBegun: (owner, auditId) => {
        views.set(`${owner.name} ${auditId}`, { at: world.time.now, ends: endsOf(world) });
      },
      backendUnread: (owner, backend) => void unreadAt.set(`${owner.name} ${backend}`, world.time.now),
      repairAsked: (owner, repair, serves) => {
        const view = views.get(`${owner.name} ${repair.correlation_id}`);
        const why =
          view === undefined
            ? 'of an audit that never began'
            : !serves
              ? 'while its breaker is open'
              : blind(world, repair, view, unreadAt.get(`${owner.name} ${repair.payload.backend}`));
        if (why !== null) breach(`${owner.name} asks for the repair of ${repair.payload.node_id} ${why}`);
      },
    };
  },
};

function blind(world: World, { payload }: RepairMessage, { at, ends }: View, unreadAt = -Infinity): string | null {
  const { backend } = payload;
  if (unreadAt >= at) return `although it could not read ${backend}`;
  if (at - unreadAt < SETTLING_MS - ROUNDING_MS) {
    return `although it could not read ${backend} ${(at - unreadAt).toFixed(0)} ms before its audit`;
  }
  const behind = ends.find(
    ({ group, topic, partition, end }) =>
      world.coordinator(group).committedOffset({ topic, partition }) < end && isRead(group, topic, backend),
  );
  if (behind === undefined) return null;
  return `while ${behind.group} has not read ${behind.topic}/${behind.partition} up to ${behind.end}`;
}

function isRead(group: string, topic: TopicSuffix, backend: Backend): boolean {
  return group === 'reducer' || (group === backend && topic === `intent.${backend}.v1`);
}

/** Of all that tells what the backends were asked for, have confirmed, and are to be asked for again. */
function endsOf({ broker }: World): readonly Reading[] {
  return [
    ['reducer', 'evt.registry-effect-result.v1'],
    ['reducer', 'evt.registry-drift-detected.v1'],
    ['consul', 'intent.consul.v1'],
    ['postgres', 'intent.postgres.v1'],
  ].flatMap(([group, name]) => {
    const topic = name as TopicSuffix;
    return Array.from({ length: broker.partitionCount(topic) }, (_, partition) => ({
      group: group ?? '',
      topic,
      partition,
      end: broker.end(topic, partition),
    }));
  });
}
