import { describe, expect, it } from '@jest/globals';
import { rowKey, type NodeRow, type StateChange } from '../../src/runtime/journal/rows.js';
import { StateCache } from '../../src/runtime/journal/state-cache.js';

function stored(nodeId: string, version: number, machine = 'orchestrator'): StateChange {
  const state = { status: `at ${version}` };
  return {
    ...{ machine, nodeId, expectedVersion: version - 1, version, status: state.status, state },
    ...{ text: JSON.stringify(state), deadline: { kind: 'ack', afterMs: 1000 }, announcedBy: null },
  };
}

const known = (cache: StateCache, ...nodeIds: readonly string[]) =>
  nodeIds.filter((nodeId) => cache.get(rowKey('orchestrator', nodeId)) !== undefined);

describe('the cache of states', () => {
  it('has what was stored last, without deadlines and heartbeats, which others move', () => {
    const cache = new StateCache();
    cache.stored([stored('a', 1), stored('a', 2)]);
    expect(cache.get(rowKey('orchestrator', 'a'))).toEqual({
      version: 2,
      state: { status: 'at 2' },
      deadline: null,
      lastHeartbeatAt: null,
    });
  });

  it('has what was loaded, likewise', () => {
    const row: NodeRow = {
      version: 3,
      state: { status: 'active' },
      deadline: { kind: 'liveness', at: '2026-11-21T10:00:00.000Z' },
      lastHeartbeatAt: '2026-11-21T10:00:00.000Z',
    };
    const cache = new StateCache();
    cache.loaded({ rows: new Map([[rowKey('reducer', 'a'), row]]), outputs: new Map() });
    expect(cache.get(rowKey('reducer', 'a'))).toEqual({ ...row, deadline: null, lastHeartbeatAt: null });
  });

  it('forgets those that were longest not asked for nor stored', () => {
    const cache = new StateCache(3);
    cache.stored([stored('a', 1), stored('b', 1), stored('c', 1)]);
    cache.get(rowKey('orchestrator', 'a'));
    cache.stored([stored('b', 2), stored('d', 1)]);
    expect(known(cache, 'a', 'b', 'c', 'd')).toEqual(['a', 'b', 'd']);
    cache.stored([stored('e', 1), stored('f', 1)]);
    expect(known(cache, 'a', 'b', 'd', 'e', 'f')).toEqual(['d', 'e', 'f']);
  });

  it('forgets all machines of the nodes that inputs are about, and no others', () => {
    const cache = new StateCache();
    cache.stored([stored('a', 1), stored('a', 1, 'reducer'), stored('b', 1)]);
    const input = { machine: 'orchestrator', nodeId: 'a', eventId: 'e' };
    cache.forget([input], ['orchestrator', 'reducer']);
    expect(known(cache, 'a', 'b')).toEqual(['b']);
    expect(cache.get(rowKey('reducer', 'a'))).toBeUndefined();
  });
});
