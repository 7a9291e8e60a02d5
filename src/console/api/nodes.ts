import { PAGE_SIZE, type ListedNode, type ListOf, type NodesPage } from './fleet-model.js';
import { graphql } from './graphql.js';

const FIELDS = 'nodeId nodeType nodeVersion state degraded capabilities updatedAt lastHeartbeatAt';
const NODES = `nodes(first: ${PAGE_SIZE}, filter: $filter, after: $after) {
  edges { node { ${FIELDS} } } pageInfo { hasNextPage endCursor } }`;
const COUNT = 'nodes(first: 1, filter: $filter) { totalCount }';

const LIST_NOW = `query ($filter: NodeFilter, $after: String) { ${NODES} }`;
const LIST_THEN = `query ($asOf: DateTime!, $filter: NodeFilter, $after: String) { registry(asOf: $asOf) { ${NODES} } }`;
const COUNT_NOW = `query ($filter: NodeFilter) { ${COUNT} }`;
const COUNT_THEN = `query ($asOf: DateTime!, $filter: NodeFilter) { registry(asOf: $asOf) { ${COUNT} } }`;

type Connection = {
  readonly nodes: {
    readonly edges: readonly { readonly node: ListedNode }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  };
};
type Counted = { readonly nodes: { readonly totalCount: number } };

export async function readNodes(
  { filter, asOf }: ListOf,
  after: string | null,
  signal: AbortSignal,
): Promise<NodesPage> {
  const { nodes } =
    asOf === null
      ? await graphql<Connection>(LIST_NOW, { filter, after }, signal)
      : (await graphql<{ registry: Connection }>(LIST_THEN, { asOf, filter, after }, signal)).registry;
  const { hasNextPage, endCursor } = nodes.pageInfo;
  return { nodes: nodes.edges.map(({ node }) => node), next: hasNextPage ? endCursor : null };
}

/** How many nodes a list has. */
export async function countNodes({ filter, asOf }: ListOf, signal: AbortSignal): Promise<number> {
  const { nodes } =
    asOf === null
      ? await graphql<Counted>(COUNT_NOW, { filter }, signal)
      : (await graphql<{ registry: Counted }>(COUNT_THEN, { asOf, filter }, signal)).registry;
  return nodes.totalCount;
}
