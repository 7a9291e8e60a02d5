import type { DeadLetterCause } from '../../messages/index.js';

/** Which dead letters are meant; all that is given has to hold. Times are RFC 3339, UTC. */
export type DeadLetterFilter = {
  readonly cause?: DeadLetterCause | undefined;
  readonly originalTopic?: string | undefined;
  readonly nodeId?: string | undefined;
  readonly reasonContains?: string | undefined;
  /** Inclusive. */
  readonly occurredFrom?: string | undefined;
  /** Exclusive. */
  readonly occurredTo?: string | undefined;
  readonly redriven?: 'never' | 'any' | undefined;
  readonly quarantined?: boolean | undefined;
};

/** SQL with the values that it stands on; `value` adds one and gives its name. */
export type Conditions = {
  readonly conditions: string[];
  readonly values: unknown[];
  readonly value: (what: unknown) => string;
};

/** Conditions on `dead_letters d`. */
export function conditionsOf(filter: DeadLetterFilter): Conditions {
  const values: unknown[] = [];
  const value = (what: unknown): string => `$${values.push(what)}`;
  const conditions = ['true'];
  const { cause, originalTopic, nodeId, reasonContains, occurredFrom, occurredTo, redriven, quarantined } = filter;
  if (cause !== undefined) conditions.push(`d.cause = ${value(cause)}`);
  if (originalTopic !== undefined) conditions.push(`d.original_topic = ${value(originalTopic)}`);
  if (nodeId !== undefined) conditions.push(`d.node_id = ${value(nodeId)}`);
  if (reasonContains !== undefined) conditions.push(`strpos(lower(d.reason), lower(${value(reasonContains)})) > 0`);
  if (occurredFrom !== undefined) conditions.push(`d.occurred_at >= ${value(occurredFrom)}::timestamptz`);
  if (occurredTo !== undefined) conditions.push(`d.occurred_at < ${value(occurredTo)}::timestamptz`);
  if (redriven === 'never') conditions.push(`not ${HAS_REDRIVES}`);
  if (quarantined !== undefined) conditions.push(`(d.quarantined_at is not null) = ${value(quarantined)}`);
  return { conditions, values, value };
}

const HAS_REDRIVES = 'exists (select from dead_letter_redrives r where r.dead_letter_id = d.id)';

/** The letter at the beginning of a line of redrives; a letter that was never sent again is a root itself. */
export const ROOT_OF = (alias: string): string => `coalesce(${alias}.root_id, ${alias}.id)`;
