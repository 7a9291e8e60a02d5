import type { NodeFilter } from './node.js';

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
  if (nodeType !== undefined) conditions.push(`node_type = ${value(nodeType)}`);
  if (capability !== undefined) conditions.push(`capability_tags @> jsonb_build_array(${value(capability)}::text)`);
  if (q !== undefined) {
    const pattern = value(`%${q.replace(/[\\%_]/g, '\\$&')}%`);
    const tagMatches = `exists (select from jsonb_array_elements_text(capability_tags) as tag where tag ilike ${pattern})`;
    conditions.push(`(node_id ilike ${pattern} or ${tagMatches})`);
  }
  return { conditions: conditions.join(' and '), values };
}
