/**
 * The yardstick of reads, as a process of its own: the HTTP engine (Fastify) and the GraphQL engine (Mercurius, with the options
 * that the API gives it) over resolvers that answer from memory, with nothing in between. Asked for its `address`, and for the
 * `cpu` seconds that it has used.
 */
import type { AddressInfo } from 'node:net';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import { serve } from '../children/serve.js';
import { FILTER, nodeIdOf, PAGE } from './asks.js';

export type BareSettings = { readonly nodes: number };

/** Of the schema what is asked for. */
const SCHEMA = `
  scalar JSONObject
  scalar DateTime
  enum NodeState { active rejected }
  input NodeFilter { state: NodeState, capability: String }
  type Node {
    id: ID! nodeId: String! nodeType: String nodeVersion: String! state: NodeState! degraded: Boolean!
    capabilities: JSONObject! endpoints: JSONObject! metadata: JSONObject! revision: Int! attemptId: ID!
    incarnation: Float registeredAt: DateTime updatedAt: DateTime! lastHeartbeatAt: DateTime
  }
  type NodeEdge { cursor: String! node: Node! }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type NodeConnection { edges: [NodeEdge!]! pageInfo: PageInfo! totalCount: Int! }
  type Query {
    node(id: ID!): Node
    nodes(filter: NodeFilter, first: Int, after: String): NodeConnection!
  }`;

await serve(async ({ nodes: count }: BareSettings) => {
  const nodes = Array.from({ length: count }, (_, index) => nodeOf(index));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const filtered = nodes.filter(({ capabilities }) => FILTER.capability in capabilities);

  const app = Fastify();
  app.get<{ Params: { id: string } }>('/v1/nodes/:id', async ({ params }) => byId.get(params.id));
  await app.register(mercurius.default, {
    schema: SCHEMA,
    jit: 1,
    resolvers: {
      Query: {
        node: (_root: unknown, { id }: { readonly id: string }) => byId.get(id) ?? null,
        nodes: (_root: unknown, { after }: { readonly after: string }) => pageAfter(after),
      },
    },
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  return {
    answers: {
      address: () => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
      cpu: () => {
        const { user, system } = process.cpuUsage();
        return (user + system) / 1e6;
      },
    },
    close: () => app.close(),
  };

  function pageAfter(cursor: string) {
    const [, after = ''] = Buffer.from(cursor, 'base64url').toString('latin1').split(':');
    const index = Math.floor(((byId.get(after)?.index ?? 0) / nodes.length) * filtered.length);
    const edges = filtered.slice(index, index + PAGE).map((node) => ({ cursor: node.cursor, node }));
    return {
      edges,
      pageInfo: { hasNextPage: index + PAGE < filtered.length, endCursor: edges.at(-1)?.cursor },
      totalCount: filtered.length,
    };
  }
});

/** As large as the registry's own. */
function nodeOf(index: number) {
  const id = nodeIdOf(index);
  return {
    index,
    cursor: Buffer.from(`n:${id}`).toString('base64url'),
    id,
    nodeId: id,
    nodeType: 'effect',
    nodeVersion: '1.4.0',
    state: 'active',
    degraded: false,
    capabilities: index % 10 === 0 ? { common: true, tenth: true } : { common: true },
    endpoints: { api: `http://10.0.0.1:8080/${id}`, health: `http://10.0.0.1:8080/${id}/health` },
    metadata: { zone: 'eu-1', rack: 'b-17' },
    revision: 2,
    attemptId: '6f2d1c9e-4a5b-4c3d-8e7f-001122334455',
    incarnation: 1_763_700_000_000,
    registeredAt: '2026-11-21T08:00:00.000Z',
    updatedAt: '2026-11-21T08:00:01.000Z',
    lastHeartbeatAt: '2026-11-21T09:00:00.123Z',
  };
}
