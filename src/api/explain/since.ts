import type { IgnoredFact, StepFact } from '../read/facts.js';
import { detailsOf } from './cause.js';
import type { Explained } from './explanation.js';
import { counted, listed, quoted, ruleInWords } from './words.js';

/** Steps taken in the state, which did not end it: a line each, the newest last. */
export function laterInWords({ facts, rules }: Explained): readonly string[] {
  const { later, laterCount } = facts;
  if (later.length === 0) return [];
  const left = laterCount - later.length;
  const more = left === 0 ? '' : `, the last ${later.length} of ${laterCount} steps`;
  return [
    `Since then, in this state${more}:`,
    ...later.map(
      (step) =>
        `- ${step.occurredAt} ${step.eventType}${detailsOf(step)}: ${ruleInWords(step.rule, rules)}${toldBy(step)}`,
    ),
  ];
}

function toldBy({ said, told }: StepFact): string {
  if (told.changed !== null && told.changed.length > 0) return `; changed: ${listed(told.changed)}`;
  return told.reason === null || (said.errors?.length ?? 0) > 0 ? '' : `; reason: ${quoted(told.reason)}`;
}

/** Messages that changed nothing, by the reason why. */
export function ignoredInWords({ facts, rules }: Explained): string | null {
  const { ignored } = facts;
  if (ignored.length === 0) return null;
  const total = ignored.reduce((sum, { count }) => sum + count, 0);
  const newest = ignored.map(({ newestAt }) => newestAt).reduce((a, b) => (a > b ? a : b));
  const kinds = ignored.map((kind) => `${kind.count} ${kind.eventType} as ${reasonIn(kind, rules)}`);
  return `Since then ${counted(total, 'message')} changed nothing, the newest at ${newest}: ${listed(kinds)}.`;
}

function reasonIn({ rule }: IgnoredFact, rules: Explained['rules']): string {
  const { about, ignored } = (Object.hasOwn(rules, rule) ? rules[rule] : undefined) ?? {};
  return `${ignored ?? rule}${about === undefined ? '' : ` (${about})`}`;
}
