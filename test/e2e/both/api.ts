/** A registry as its clients see it. */
export type Answer<T> = { readonly status: number; readonly headers: Headers; readonly body: T };

export type NodeDocument = Readonly<Record<string, unknown>> & {
  readonly nodeId: string;
  readonly state: string;
  readonly revision: number;
};
export type HistoryItem = {
  readonly eventType: string;
  readonly eventId: string;
  readonly path: string;
  readonly fromStatus: string;
  readonly toStatus: string;
};
export type PageOf<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };
type Sent = Readonly<Record<string, string>>;

export async function get<T>(url: string): Promise<Answer<T>> {
  return answered(await fetch(url));
}

export async function post<T>(url: string, body: unknown, headers: Sent = {}): Promise<Answer<T>> {
  const sent = { 'content-type': 'application/json', ...headers };
  return answered(await fetch(url, { method: 'POST', headers: sent, body: JSON.stringify(body) }));
}

/** Takes a node out, and waits for the end of it. */
export async function deregister<T>(url: string, nodeId: string): Promise<Answer<T>> {
  return answered(await fetch(`${url}/v1/nodes/${nodeId}`, { method: 'DELETE', headers: { prefer: 'wait=30' } }));
}

/** Every item of a list, page by page. `path` may have a query. */
export async function pages<T>(url: string, path: string, limit: number): Promise<readonly T[]> {
  const items: T[] = [];
  let cursor: string | null = null;
  do {
    const query: string = `limit=${limit}${cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`}`;
    const { status, body }: Answer<PageOf<T>> = await get(`${url}${path}${path.includes('?') ? '&' : '?'}${query}`);
    if (status !== 200) throw new Error(`${path} is answered with ${status}: ${JSON.stringify(body)}`);
    items.push(...body.items);
    cursor = body.nextCursor;
  } while (cursor !== null);
  return items;
}

export async function graphql<T>(url: string, query: string, variables: object = {}): Promise<T> {
  const { body } = await post<{ data: T; errors?: unknown }>(`${url}/graphql`, { query, variables });
  if (body.errors !== undefined) throw new Error(JSON.stringify(body.errors));
  return body.data;
}

export type Connection<T> = {
  readonly edges: readonly { readonly node: T }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly totalCount: number;
};

/** Everything behind a connection of GraphQL, page by page; `query` takes $first and $after and names the field `page`. */
export async function connection<T>(url: string, query: string, first: number): Promise<readonly T[]> {
  const nodes: T[] = [];
  let after: string | null = null;
  for (;;) {
    const { page }: { page: Connection<T> } = await graphql(url, query, { first, after });
    nodes.push(...page.edges.map(({ node }) => node));
    if (!page.pageInfo.hasNextPage) {
      if (nodes.length !== page.totalCount)
        throw new Error(`${nodes.length} on the pages, totalCount ${page.totalCount}`);
      return nodes;
    }
    after = page.pageInfo.endCursor;
  }
}

type Instance = { readonly Service: { readonly Meta: Readonly<Record<string, string>> } };

/** Ids of a registry's nodes in the passing list of a node type, in order. `consul`: what stands before Consul's own paths. */
export async function passing(consul: string, registryId: string, nodeType = 'effect'): Promise<readonly string[]> {
  const { body } = await get<readonly Instance[]>(`${consul}/v1/health/service/onex-${nodeType}?passing`);
  return body
    .filter(({ Service }) => Service.Meta['owner'] === registryId)
    .map(({ Service }) => Service.Meta['node_id'] ?? '')
    .sort();
}

async function answered<T>(response: Response): Promise<Answer<T>> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as T };
}
