import type { Query, Registry } from './registry.js';

type Page<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };

const PAGE_ITEMS = 1000;

/**
 * The items of a list, page by page, along its cursors, at most `limit` of them. A page is asked for when the one before has been
 * printed, so a list of any length takes the memory of one page.
 */
export async function* pages<T>(
  registry: Registry,
  path: string,
  query: Query,
  limit: number | null,
): AsyncGenerator<readonly T[]> {
  let left = limit ?? Infinity;
  let cursor: string | null = null;
  do {
    // The cursor has the moment in it, if the list is of one.
    const place: Query = cursor === null ? {} : { asOf: undefined, cursor };
    const asked: Query = { ...query, limit: String(Math.min(left, PAGE_ITEMS)), ...place };
    const page: Page<T> = await registry.get<Page<T>>(path, asked);
    yield page.items;
    left -= page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== null && left > 0);
}
