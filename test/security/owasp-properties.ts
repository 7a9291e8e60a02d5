import { describe, expect, it } from '@jest/globals';
import { OWN_NODE, typeOf, type World } from './world.js';

/** API3:2023 Broken object property level authorization: fields that a caller may not set, or not see. */
export function properties(world: () => World): void {
  const NODE = { nodeId: 'mass-1', nodeType: 'effect' };

  describe('API3 broken object property level authorization', () => {
    it.each([
      ['the state', { ...NODE, state: 'active' }],
      ['the revision', { ...NODE, revision: 99 }],
      ['the attempt', { ...NODE, attemptId: '7d0f6c4e-5a53-4d5a-9d55-6c8f0d7f3b10' }],
      ['when it was registered', { ...NODE, registeredAt: '2020-01-01T00:00:00Z' }],
      ['a role', { ...NODE, role: 'admin' }],
      ['a field of the wire', { ...NODE, node_version: '9.9.9' }],
    ])('mass assignment: a registration that sets %s', async (_what, body) => {
      const answer = await world().post('operator', '/v1/nodes', body);
      expect([answer.status, typeOf(answer)]).toEqual([400, '/problems/validation']);
    });

    it.each(['__proto__', 'constructor', 'prototype'])('a prototype poisoned by %s', async (name) => {
      const answer = await world().as('operator', '/v1/nodes', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `{"nodeId":"mass-1","nodeType":"effect","${name}":{"isAdmin":true}}`,
      });
      expect(answer.status).toBe(400);
      expect((await world().as('operator', '/v1/audit')).status).toBe(403);
    });

    it('a node that says more of itself than it may', async () => {
      const answer = await world().post('node', `/v1/nodes/${OWN_NODE}/introspection`, {
        nodeType: 'effect',
        state: 'active',
      });
      expect(answer.status).toBe(400);
    });

    it('none of it has made a node', async () => {
      expect((await world().as('reader', '/v1/nodes/mass-1')).status).toBe(404);
    });

    it('who may not read the audit sees nothing of other callers', async () => {
      for (const caller of ['reader', 'operator', 'node'] as const) {
        const answer = await world().as(caller, '/v1/audit');
        expect([answer.status, answer.text.includes('the-admin')]).toEqual([403, false]);
      }
    });

    it('the audit has no token, and no hash of one', async () => {
      const { text } = await world().as('admin', '/v1/audit?limit=1000');
      for (const secret of ['rollcall_', world().token('admin')]) expect(text).not.toContain(secret);
      expect(text).not.toMatch(/[\da-f]{64}/);
    });
  });
}
