import type { Ask } from './asker.js';

/** What is read: a node over REST or GraphQL, or a filtered page of 50, with or without the count of all. */
export const READS = ['rest', 'graphql', 'page', 'counted-page'] as const;
export type Read = (typeof READS)[number];

export const PAGE = 50;

/** Ids of the fleet that is read: so wide that the order of texts is that of numbers. */
export function nodeIdOf(index: number): string {
  return `reads-${String(index).padStart(7, '0')}`;
}

const NODE = 'query ($id: ID!) { node(id: $id) { id state } }';
const PAGE_OF = (counted: boolean) => `query ($filter: NodeFilter, $after: String) {
  nodes(filter: $filter, first: ${PAGE}, after: $after) {
    edges { cursor node { id nodeType state capabilities endpoints updatedAt lastHeartbeatAt } }
    pageInfo { hasNextPage endCursor }${counted ? ' totalCount' : ''}
  }
}`;

/** One node in ten has it. */
export const FILTER = { state: 'active', capability: 'tenth' } as const;

/** Another one of the fleet with every call; pages begin anywhere in its first half. */
export function asksOf(read: Read, nodes: number): () => Ask {
  const any = (below: number) => nodeIdOf(Math.floor(Math.random() * below));
  switch (read) {
    case 'rest':
      return () => {
        const id = any(nodes);
        return { bytes: `GET /v1/nodes/${id} HTTP/1.1\r\nhost: bench\r\n\r\n`, holds: id };
      };
    case 'graphql':
      return () => {
        const id = any(nodes);
        return { bytes: post({ query: NODE, variables: { id } }), holds: id };
      };
    case 'page':
    case 'counted-page': {
      const query = PAGE_OF(read === 'counted-page');
      return () => {
        const after = Buffer.from(`n:${any(nodes / 2)}`).toString('base64url');
        return { bytes: post({ query, variables: { filter: FILTER, after } }), holds: '"hasNextPage":true' };
      };
    }
    default:
      return read satisfies never;
  }
}

function post(body: unknown): string {
  const text = JSON.stringify(body);
  return `POST /graphql HTTP/1.1\r\nhost: bench\r\ncontent-type: application/json\r\ncontent-length: ${text.length}\r\n\r\n${text}`;
}
