import type { NodeFilter } from './node.js';

/** The indexed expressions of migration 2, letter by letter. */
const NODE_TYPE = `(state #>> '{record,nodeType}')`;
export const TAGS = `(state #> '{record,capabilityTags}')`;

/** What a filter asks of a row, as SQL. `before`: values of the statement's parameters before those of the conditions. */
export function conditionsOf(
  { state, nodeType, capability, q }: NodeFilter,
  after: string | null,
  before: readonly unknown[] = [],
) {
  const values: unknown[] = [...before];
  const value = (what: unknown): string => `$${values.push(what)}`;
  const conditions = [`machine = 'orchestrator'`];
  if (after !== null) conditions.push(`node_id > ${value(after)}`);
  if (state !== undefined) conditions.push(`status = ${value(state)}`);
  if (nodeType !== undefined) conditions.push(`${NODE_TYPE} = ${value(nodeType)}`);
  if (capability !== undefined) conditions.push(`${TAGS}::jsonb @> ${value(JSON.stringify([capability]))}::jsonb`);
  if (q !== undefined) {
    const pattern = value(`%${q.replace(/[\\%_]/g, '\\$&')}%`);
    const tagMatches = `exists (select from json_array_elements_text(${TAGS}) as tag where tag ilike ${pattern})`;
    conditions.push(`(node_id ilike ${pattern} or ${tagMatches})`);
  }
  return { conditions: conditions.join(' and '), values };
}
