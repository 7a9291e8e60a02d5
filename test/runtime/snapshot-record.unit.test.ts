import { describe, expect, it } from '@jest/globals';
import { decode, encode, SNAPSHOT_STATES, SNAPSHOT_TOPIC, snapshotId } from '../../src/messages/index.js';
import { orchestratorComponent } from '../../src/orchestrator/orchestrator.module.js';
import { RULES } from '../../src/orchestrator/rules.js';
import { judge } from '../../src/runtime/snapshots/judge.js';
import { PublishedVersions } from '../../src/runtime/snapshots/published-versions.js';
import { CHANGE_TOPICS } from '../../src/runtime/snapshots/snapshot-lane.js';
import { levelOf, snapshotRecord } from '../../src/runtime/snapshots/snapshot-record.js';
import { topicOf, type MessageType } from '../../src/messages/index.js';
import { id } from '../support/builders.js';
import { presentState } from './snapshot-world.js';

const STATE = presentState('node-1', 7);
const SNAPSHOT = snapshotRecord({ nodeId: 'node-1', version: 7, state: STATE }, 'rollcall');

describe('a snapshot', () => {
  it('is a message that everybody can read, with its version beside it', () => {
    const decoded = decode(SNAPSHOT_TOPIC, { key: 'node-1', value: Buffer.from(SNAPSHOT.value ?? '') });
    if (!decoded.ok) throw new Error(decoded.reason);
    expect(decoded.message).toMatchObject({
      eventId: snapshotId('node-1', id(1), 7),
      correlationId: STATE.correlationId,
      causationId: null,
      payload: { nodeId: 'node-1', state: STATE.status, workflowVersion: 7, record: STATE.record },
    });
    expect(encode(decoded.message)).toBe(SNAPSHOT.value);
    expect(SNAPSHOT.headers).toMatchObject({
      event_type: 'NODE_REGISTRATION_SNAPSHOT',
      correlation_id: STATE.correlationId,
      workflow_version: '7',
    });
    expect(levelOf({ value: Buffer.from('x'), headers: SNAPSHOT.headers })).toEqual({ version: 7, isPresent: true });
  });

  it('of a node that takes no part is a tombstone, which tells its version, too', () => {
    const tombstone = snapshotRecord({ nodeId: 'node-1', version: 8, state: null }, 'rollcall');
    expect(tombstone).toEqual({
      topic: SNAPSHOT_TOPIC,
      key: 'node-1',
      value: null,
      headers: { workflow_version: '8' },
    });
    expect(levelOf({ value: null, headers: tombstone.headers })).toEqual({ version: 8, isPresent: false });
  });

  it.each([undefined, '', '-1', '1.5', '1e3', 'x', ['1', '2']])('without a version (%j) is of none', (version) => {
    const headers = version === undefined ? {} : { workflow_version: version };
    expect(levelOf({ value: null, headers })).toEqual({ version: -1, isPresent: false });
  });
});

describe('a record that came back', () => {
  it.each([
    [3, true, 3, true, 'right'],
    [2, true, 3, true, 'wrong'],
    [2, true, 3, false, 'wrong'],
    [2, false, 3, true, 'wrong'],
    [2, false, 3, false, 'right'],
    [4, true, 3, true, 'ahead'],
    [4, false, 3, true, 'ahead'],
    [1, true, 0, false, 'ahead'],
    [-1, true, 0, false, 'wrong'],
    [-1, false, 0, false, 'right'],
    [-1, true, 1, true, 'wrong'],
  ])('told %i (present: %s) of a node at %i (present: %s) is %s', (told, toldPresent, now, isPresent, verdict) => {
    expect(judge({ version: told, isPresent: toldPresent }, { version: now, isPresent })).toBe(verdict);
  });
});

describe('what was published', () => {
  it('is remembered by version, and forgotten in the order in which it was published', () => {
    const published = new PublishedVersions(2);
    for (const [nodeId, version] of [['a', 1], ['b', 1], ['a', 2], ['c', 1]] as const) published.add(nodeId, version, undefined); // prettier-ignore
    expect([published.isThat('a', 2), published.isThat('a', 1), published.isThat('c', 1)]).toEqual([true, false, true]);
    expect(published.isThat('b', 1)).toBe(false);
  });

  it('stands behind a record only in the same partition, at a later place', () => {
    const published = new PublishedVersions();
    published.add('a', 5, { partition: 1, offset: 10, appendedAt: 0 });
    published.add('b', 5, undefined);
    expect(published.isBehind('a', 5, { partition: 1, offset: '9' })).toBe(true);
    expect(published.isBehind('a', 5, { partition: 1, offset: '10' })).toBe(false);
    expect(published.isBehind('a', 5, { partition: 2, offset: '9' })).toBe(false);
    expect(published.isBehind('a', 6, { partition: 1, offset: '9' })).toBe(false);
    expect(published.isBehind('b', 5, { partition: 1, offset: '9' })).toBe(false);
  });
});

describe('the orchestrator', () => {
  it('counts as taking part what has a snapshot', () => {
    expect(orchestratorComponent().contract.admission?.participating_states).toEqual([...SNAPSHOT_STATES]);
  });

  it('tells of every step that changes a node in a topic that is followed', () => {
    const untold = Object.entries(RULES)
      .filter(([, { outputs }]) => !outputs.some((type: MessageType) => isFollowed(type)))
      .map(([rule]) => rule);
    // A key is nobody's but the registry's to know; flags that the next step tells with its own; the end of what was told at its begin; a deadline that is no state.
    expect(untold).toEqual(['pin_key', 'finish_deregistration', 'await_other_backend', 'extend_liveness']);
  });
});

function isFollowed(type: MessageType): boolean {
  return type !== 'DEADLINE_PASSED' && (CHANGE_TOPICS as readonly string[]).includes(topicOf(type));
}
