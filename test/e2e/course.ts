import { expect } from '@jest/globals';
import { ORCHESTRATOR_RULES } from '../../src/orchestrator/orchestrator.js';
import { until } from '../support/stack.js';
import type { Ear } from './ear.js';
import type { KafkaNode } from './kafka-node.js';
import type { World } from './world.js';

type Row = {
  readonly event_id: string;
  readonly event_type: string;
  readonly rule: string;
  readonly from_status: string;
  readonly path: string;
};

/** What comes in its own time, between the steps that a test is about. */
const IN_ITS_OWN_TIME = 'REGISTRATION_PARTIAL';

/**
 * What the orchestrator did about a node, oldest first, in the columns of the design's table:
 *
 *     in state | message | to | outputs #root
 *
 * The steps come from the journal; the outputs are those that Kafka has with the step's message as their cause. `#root` is the
 * number of the node's introspection or command whose correlation id all of them carry. `-`: nothing but the reason.
 */
export async function courseOf(world: World, ear: Ear, { nodeId, roots }: KafkaNode): Promise<readonly string[]> {
  const rows = await world.rows<Row>(
    `select event_id, event_type, rule, from_status, path from journal
     where machine = 'orchestrator' and node_id = $1 and event_type <> $2 order by id`,
    [nodeId, IN_ITS_OWN_TIME],
  );
  const heard = ear.of(nodeId);
  return rows.map(({ event_id: eventId, event_type: type, rule, from_status: from, path }) => {
    const to = path.slice(from.length).replace(/^ > /, '') || from;
    const known = ORCHESTRATOR_RULES[rule as keyof typeof ORCHESTRATOR_RULES];
    const order: readonly string[] = known?.outputs ?? [];
    const caused = heard
      .filter(({ envelope, topic }) => envelope.causation_id === eventId && topic !== 'dlq.v1')
      .sort((a, b) => order.indexOf(a.envelope.event_type) - order.indexOf(b.envelope.event_type));
    if (caused.length === 0) return `${from} | ${type} | ${to} | - ${rule.replace(/^ignore_/, '')}`;
    const correlations = new Set(caused.map(({ envelope }) => envelope.correlation_id));
    const numbers = [...correlations].map((id) => roots.findIndex(({ correlationId }) => correlationId === id) + 1);
    const outputs = caused.map(({ envelope }) => envelope.event_type).join(', ');
    return `${from} | ${type} | ${to} | ${outputs} #${numbers.join(' #')}`;
  });
}

/** Waits until as much has happened as expected, and compares. */
export async function expectCourse(world: World, ear: Ear, node: KafkaNode, course: readonly string[]): Promise<void> {
  const agrees = async (): Promise<boolean> =>
    JSON.stringify(await courseOf(world, ear, node)) === JSON.stringify(course);
  // What was expected tells more than that it was waited for.
  await until(agrees, { everyMs: 250, what: `the course of ${node.nodeId}` }).catch(() => undefined);
  expect(await courseOf(world, ear, node)).toEqual(course);
}

/** The steps of a registration, up to the ack; `root` is the number of what began it. */
export function registers(from: string, root: number, by = 'NODE_INTROSPECTION'): readonly string[] {
  return [
    `${from} | ${by} | pending_registration | NODE_REGISTRATION_INITIATED #${root}`,
    `pending_registration | REGISTRATION_COMPLETED | accepted > awaiting_ack | NODE_REGISTRATION_ACCEPTED #${root}`,
  ];
}

export function acknowledges(root: number): string {
  return `awaiting_ack | NODE_REGISTRATION_ACKED | ack_received > active | NODE_REGISTRATION_ACK_RECEIVED, NODE_BECAME_ACTIVE #${root}`;
}

export function timesOut(root: number): string {
  return `awaiting_ack | DEADLINE_PASSED | ack_timed_out | NODE_REGISTRATION_ACK_TIMED_OUT, NODE_DEREGISTRATION_INITIATED, REGISTRY_REQUEST_INTROSPECTION #${root}`;
}

export function expires(root: number): string {
  return `active | DEADLINE_PASSED | liveness_expired | NODE_LIVENESS_EXPIRED, NODE_DEREGISTRATION_INITIATED #${root}`;
}

/** The backends have forgotten a node that is in `state`, which takes no note of it. */
export function removedFrom(state: 'ack_timed_out' | 'liveness_expired' | 'rejected'): string {
  return `${state} | REGISTRATION_COMPLETED | ${state} | - terminal`;
}

export function leaves(from: string, by: 'NODE_INTROSPECTION' | 'DEREGISTER_NODE', root: number): readonly string[] {
  return [
    `${from} | ${by} | deregistering | NODE_DEREGISTRATION_INITIATED #${root}`,
    `deregistering | REGISTRATION_COMPLETED | deregistered | NODE_DEREGISTERED #${root}`,
  ];
}
