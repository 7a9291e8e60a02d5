import { describe, expect, it } from '@jest/globals';
import { json, OWN_NODE, typeOf, type World } from './world.js';

/** API1:2023 Broken object level authorization: a node that acts as another one. */
export function objectLevel(world: () => World): void {
  describe('API1 broken object level authorization', () => {
    const VICTIM = 'fleet-00';

    it.each([
      ['introspection', { nodeType: 'effect', endpoints: { api: 'http://10.6.6.6:1' } }],
      ['introspection', { nodeType: 'effect', reason: 'shutdown' }],
      ['ack', {}],
      ['heartbeat', {}],
    ])("a node's token says %s %j for another node", async (what, body) => {
      const answer = await world().post('node', `/v1/nodes/${VICTIM}/${what}`, body);
      expect([answer.status, typeOf(answer)]).toEqual([403, '/problems/forbidden']);
      expect(answer.body?.['detail']).toContain(`the-node may speak for ${OWN_NODE}`);
    });

    it("a node's token listens to another node's events", async () => {
      expect((await world().as('node', `/v1/nodes/${VICTIM}/events`)).status).toBe(403);
    });

    it.each([
      ['an id that its own begins with', '/v1/nodes/matrix/heartbeat'],
      ['an id that begins with its own', `/v1/nodes/${OWN_NODE}-2/heartbeat`],
      ['its own in capitals', `/v1/nodes/${OWN_NODE.toUpperCase()}/heartbeat`],
      ['its own behind another one', `/v1/nodes/${VICTIM}%2F..%2F${OWN_NODE}/heartbeat`],
      ['its own, percent-encoded NUL behind it', `/v1/nodes/${OWN_NODE}%00/heartbeat`],
    ])('is told from %s', async (_what, path) => {
      expect((await world().as('node', path, { method: 'POST' })).status).toBe(403);
    });

    it('names its own in the path and another one in the body', async () => {
      const answer = await world().post('node', `/v1/nodes/${OWN_NODE}/heartbeat`, { nodeId: VICTIM });
      expect([answer.status, typeOf(answer)]).toEqual([400, '/problems/validation']);
    });

    it('speaks for those that its prefix names, and no others', async () => {
      expect((await world().as('otherNode', '/v1/nodes/another-1/heartbeat', { method: 'POST' })).status).toBe(202);
      expect((await world().as('otherNode', '/v1/nodes/anothe/heartbeat', { method: 'POST' })).status).toBe(403);
    });

    it('a token of the provider speaks for the node that its subject is', async () => {
      const token = await world().provider.token({ sub: 'jwt-node', roles: ['rollcall-node'] });
      const said = (nodeId: string) => world().withToken(token, `/v1/nodes/${nodeId}/heartbeat`, json({}));
      expect([(await said('jwt-node')).status, (await said(VICTIM)).status]).toEqual([202, 403]);
    });
  });
}
