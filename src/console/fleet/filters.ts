import { NODE_STATES, NODE_TYPES, type ListOf, type NodeFilter } from '../api/fleet-model.js';
import { momentOf } from '../words/time.js';

/** What the URL of the fleet's page says: `?q=&state=&type=&capability=&asOf=`. What it cannot mean is passed over. */
export function listFromSearch(search: string): ListOf {
  const given = new URLSearchParams(search);
  const text = (name: string): string => (given.get(name) ?? '').trim().slice(0, MAX_TEXT);
  const q = text('q');
  const capability = text('capability');
  const state = NODE_STATES.find((name) => name === given.get('state'));
  const nodeType = NODE_TYPES.find((name) => name === given.get('type'));
  const filter: NodeFilter = {
    ...(q === '' ? {} : { q }),
    ...(state === undefined ? {} : { state }),
    ...(nodeType === undefined ? {} : { nodeType }),
    ...(capability === '' ? {} : { capability }),
  };
  return { filter, asOf: momentOf(given.get('asOf')) };
}

/** As the API has it. */
const MAX_TEXT = 255;

/** Without its question mark, and empty for the whole fleet as it is now. */
export function searchFromList({ filter, asOf }: ListOf): string {
  const { q, state, nodeType, capability } = filter;
  const entries = Object.entries({ q, state, type: nodeType, capability, asOf: asOf ?? undefined });
  const given = entries.filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  return new URLSearchParams(given).toString();
}

export function isFiltered({ filter }: ListOf): boolean {
  return Object.keys(filter).length > 0;
}

/** The same for lists that are the same. */
export function listKey(list: ListOf): string {
  return searchFromList(list);
}
