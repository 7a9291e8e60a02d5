import { expect } from '@jest/globals';
import { deregister, post } from './api.js';
import type { HttpNode } from './http-node.js';
import type { Registry } from './registry.js';
import type { Scenario } from '../together.js';

export const SHORT_TIMES = {
  // Longer than a busy machine stands still: most of these nodes are to be in time.
  ACK_TIMEOUT_MS: '15000',
  LIVENESS_WINDOW_MS: '20000',
  HEARTBEAT_INTERVAL_MS: '1000',
  DEADLINE_SCAN_INTERVAL_MS: '100',
  DEGRADED_ACCEPT_AFTER_MS: '600000',
  // Many fall silent together here.
  MASS_EXPIRY_SHARE_PERCENT: '100',
};
const BEAT_EVERY_MS = 500;

const ACCEPTED = 'NODE_REGISTRATION_ACCEPTED';
const ACTIVATED = ['NODE_REGISTRATION_ACK_RECEIVED', 'NODE_BECAME_ACTIVE'] as const;
const REGISTERED = [ACCEPTED, ...ACTIVATED] as const;

/** A node's whole life, and what it was told of it, oldest first. */
export type Life = {
  readonly tells: readonly string[];
  readonly run: (registry: Registry, node: HttpNode) => Promise<void>;
};

/** Every life ends where nothing is due any more. */
export const LIVES: Readonly<Record<string, Life>> = {
  'an ack that is missed, and the retry by the request to introspect': {
    tells: [
      ACCEPTED,
      'NODE_REGISTRATION_ACK_TIMED_OUT',
      'REGISTRY_REQUEST_INTROSPECTION',
      ...REGISTERED,
      'NODE_DEREGISTERED',
    ],
    run: async (registry, node) => {
      await node.introspect();
      const timedOut = await node.stream.until('NODE_REGISTRATION_ACK_TIMED_OUT');
      const asked = await node.stream.until('REGISTRY_REQUEST_INTROSPECTION');
      expect(asked.envelope).toMatchObject({
        causation_id: timedOut.envelope.causation_id,
        payload: { target_node_id: node.nodeId },
      });
      expect(await registry.node(node.nodeId)).toMatchObject({ state: 'ack_timed_out' });
      await node.introspect({ reason: 'request' });
      await node.activate(2, 1);
      await registry.untilPassing(node.nodeId, [node.nodeId]);
      expect((await deregister(registry.url, node.nodeId)).status).toBe(200);
      await registry.untilPassing(node.nodeId, []);
    },
  },

  'silence that is taken for the end, and the return': {
    tells: [...REGISTERED, 'NODE_LIVENESS_EXPIRED', ...REGISTERED, 'NODE_DEREGISTERED'],
    run: async (registry, node) => {
      await node.introspect();
      await node.activate();
      await node.heartbeat();
      await registry.untilPassing(node.nodeId, [node.nodeId]);
      const expired = await node.stream.until('NODE_LIVENESS_EXPIRED');
      expect(expired.envelope.payload['last_heartbeat_at']).toEqual(expect.any(String));
      await registry.untilPassing(node.nodeId, []);
      expect(await registry.node(node.nodeId)).toMatchObject({ state: 'liveness_expired' });
      await node.introspect();
      await node.activate(2);
      node.beat(BEAT_EVERY_MS);
      await registry.untilPassing(node.nodeId, [node.nodeId]);
      expect(await registry.node(node.nodeId)).toMatchObject({ state: 'active' });
      expect((await deregister(registry.url, node.nodeId)).status).toBe(200);
      await node.hush();
    },
  },

  'a change, and a shutdown': {
    tells: [...REGISTERED, 'NODE_REGISTRATION_UPDATED', 'NODE_DEREGISTERED'],
    run: async (registry, node) => {
      await node.introspect({ incarnation: 1 });
      await node.activate();
      node.beat(BEAT_EVERY_MS);
      await node.introspect({ incarnation: 1, reason: 'capability_change', capabilities: ['work', 'rest'] });
      const updated = await node.stream.until('NODE_REGISTRATION_UPDATED');
      expect(updated.envelope.payload['changed']).toEqual(['capabilities']);
      expect(await registry.node(node.nodeId)).toMatchObject({
        capabilities: { work: true, rest: true },
        state: 'active',
      });
      await node.introspect({ incarnation: 1, reason: 'shutdown' });
      const gone = await node.stream.until('NODE_DEREGISTERED');
      await node.hush();
      expect(gone.envelope.payload['reason']).toBe('shutdown');
    },
  },

  'a type that nobody admits, and one that is': {
    tells: ['NODE_REGISTRATION_REJECTED', ...REGISTERED, 'NODE_DEREGISTERED'],
    run: async (registry, node) => {
      await node.introspect({ nodeType: 'toaster' });
      const rejected = await node.stream.until('NODE_REGISTRATION_REJECTED');
      expect(rejected.envelope.payload).toMatchObject({ reason_code: expect.any(String), reason: expect.any(String) });
      expect(await registry.node(node.nodeId)).toMatchObject({ state: 'rejected', nodeType: 'toaster' });
      await node.introspect();
      await node.activate();
      expect((await deregister(registry.url, node.nodeId)).status).toBe(200);
    },
  },

  'an operator who registers by hand, changes, and leaves it at that': {
    tells: [ACCEPTED, 'NODE_BECAME_ACTIVE', 'NODE_REGISTRATION_UPDATED'],
    run: async (registry, node) => {
      const prefer = { prefer: 'wait=30' };
      const description = { nodeId: node.nodeId, nodeType: 'effect', metadata: { owner: 'ops' } };
      const answer = await post(`${registry.url}/v1/nodes`, description, prefer);
      expect(answer).toMatchObject({
        status: 201,
        body: { status: 'success', registeredNodeId: node.nodeId, consulRegistered: true, postgresRegistered: true },
      });
      const active = await node.stream.until('NODE_BECAME_ACTIVE');
      expect(active.envelope.payload['liveness_deadline']).toBeNull();
      const changed = { ...description, nodeVersion: '1.1.0' };
      expect((await post(`${registry.url}/v1/nodes`, changed, prefer)).status).toBe(201);
      const updated = await node.stream.until('NODE_REGISTRATION_UPDATED');
      expect(updated.envelope.payload['changed']).toEqual(['node_version']);
      expect(await registry.node(node.nodeId)).toMatchObject({ nodeVersion: '1.1.0', state: 'active' });
    },
  },
};

export function idOfLife(name: string): string {
  return name.replaceAll(/\W+/g, '-').slice(0, 40);
}

/** Lives one, with the last event heard. */
export function living(life: Life, node: () => HttpNode): Scenario<Registry> {
  return async (registry) => {
    await life.run(registry, node());
    const last = life.tells.at(-1) ?? '';
    await node().stream.until(last, life.tells.filter((type) => type === last).length);
  };
}
