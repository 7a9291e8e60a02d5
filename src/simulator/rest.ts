import { wanted, workflows } from './invariants/workflow.js';
import type { World } from './world.js';

const BACKENDS = ['consul', 'postgres'] as const;

const RESTING = ['active', 'rejected', 'ack_timed_out', 'liveness_expired', 'deregistered'];
const ANSWERED = ['complete', 'failed', 'idle'];

/** What a heartbeat group may be behind: the beats of this moment. */
const BEATS_UNDER_WAY = 3;

/** What is still under way, in words; empty once the registry has come to rest. */
export function unsettled(world: World): readonly string[] {
  return [...unfinishedSteps(world), ...unreadTopics(world), ...silentNodes(world), ...unauditedBackends(world)];
}

function unfinishedSteps(world: World): readonly string[] {
  return [
    ...workflows(world)
      .filter(
        ([nodeId, { status }]) =>
          !RESTING.includes(status) && !(status === 'deregistering' && isRefused(world, nodeId)),
      )
      .map(([nodeId, { status }]) => `the workflow of ${nodeId} is still ${status}`),
    ...wanted(world)
      .filter(([, { status }]) => !ANSWERED.includes(status))
      .map(([nodeId, { status }]) => `the reducer still waits for the backends of ${nodeId}: ${status}`),
    ...[...world.table.rows.values()]
      .filter(({ deadlineKind }) => deadlineKind === 'ack' || deadlineKind === 'degraded')
      .map(({ nodeId, deadlineKind }) => `a deadline of ${nodeId} is left: ${deadlineKind ?? ''}`),
    ...(world.table.guard.announcement === null ? [] : ['the guard has an announcement left']),
  ];
}

function isRefused(world: World, nodeId: string): boolean {
  return wanted(world).some(([id, { status }]) => id === nodeId && status === 'failed');
}

function unreadTopics(world: World): readonly string[] {
  const { broker } = world;
  return world.components.booted.machines
    .concat(world.components.booted.effects as never)
    .flatMap(({ contract }) => contract.consumes)
    .flatMap(({ group, topic }) => {
      const suffix = topic as Parameters<typeof broker.end>[0];
      const coordinator = world.coordinator(group);
      return Array.from({ length: broker.partitionCount(suffix) }, (_, partition) => {
        const end = broker.end(suffix, partition);
        const behind = end - coordinator.committedOffset({ topic: suffix, partition });
        const allowed = group === 'heartbeats' ? BEATS_UNDER_WAY + world.nodes.size : 0;
        return behind > allowed ? [`group ${group} is ${behind} records behind in ${topic}/${partition}`] : [];
      }).flat();
    });
}

/** Nobody has ever registered: nothing tells what the backends are to hold, and the audit touches nothing. */
export function hasNoRecord({ table }: World): boolean {
  return table.entries.size === 0;
}

/** A backend that no audit has looked at since it changed last, or that is not as desired. */
function unauditedBackends(world: World): readonly string[] {
  if (hasNoRecord(world)) return [];
  return BACKENDS.flatMap((backend) => {
    const last = world.drift.status.get(backend);
    const begunAt = world.audits.get(last?.auditId ?? '')?.at ?? -Infinity;
    if (last === undefined || last.cutOff !== null || begunAt <= world.changedAt[backend]) {
      return [`no audit has looked at ${backend} since its last change`];
    }
    const { missing, altered, ghost } = last.counts;
    return missing + altered + ghost > 0 ? [`the audit still finds ${JSON.stringify(last.counts)} in ${backend}`] : [];
  });
}

/** A node that is gone without a word, and has not expired yet. */
function silentNodes(world: World): readonly string[] {
  return workflows(world)
    .filter(([nodeId, { status, liveness }]) => {
      return status === 'active' && liveness === 'heartbeat' && world.nodes.get(nodeId)?.alive !== true;
    })
    .map(([nodeId]) => `${nodeId} is gone, but has not expired`);
}
