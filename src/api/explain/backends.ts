import type { BackendFact, DesiredFact, Facts } from '../read/facts.js';
import type { Explained } from './explanation.js';
import { backendName, listed, quoted, ruleInWords } from './words.js';

const BACKENDS = ['consul', 'postgres'] as const;

/** What both backends should hold of the node, and what they are known to hold. */
export function backendsInWords({ desired }: Facts): string {
  if (desired === null) return 'Backends: nothing was ever asked of them.';
  const confirmed = BACKENDS.filter((backend) => holds(desired, desired[backend]));
  const have = confirmed.length > 1 ? 'have' : 'has';
  return [
    `Backends: they are to ${wanted(desired)} (revision ${desired.revision}).`,
    ...(confirmed.length === 0 ? [] : [`${listed(confirmed.map(backendName))} ${have} confirmed it.`]),
    ...BACKENDS.filter((backend) => !confirmed.includes(backend)).map((backend) =>
      unconfirmed(backend, desired[backend], desired),
    ),
  ].join(' ');
}

/** Backends whose answer to the desired record is still to come. */
export function pendingBackends(desired: DesiredFact | null): readonly string[] {
  if (desired === null) return [];
  return BACKENDS.filter((backend) => !holds(desired, desired[backend]) && !hasRefused(desired, desired[backend])).map(
    backendName,
  );
}

/** Which backend a degraded node was accepted without, and how that came. */
export function degradedInWords({ facts, rules }: Explained): string | null {
  const { state, degradedBy } = facts;
  if (!state.degraded) return null;
  const missing = BACKENDS.filter((backend) => !state[`${backend}Registered`]).map(backendName);
  const how =
    degradedBy === null
      ? ''
      : ` It was accepted that way at ${degradedBy.occurredAt}, by the rule ${ruleInWords(degradedBy.rule, rules)}.`;
  return `Degraded: it takes part without ${listed(missing)}.${how}`;
}

function wanted({ presence, health }: DesiredFact): string {
  return presence === 'absent' ? 'forget the node' : `hold the node with health ${health}`;
}

function holds({ revision }: DesiredFact, { confirmed }: BackendFact): boolean {
  return confirmed >= revision;
}

function hasRefused({ revision }: DesiredFact, { failure }: BackendFact): boolean {
  return failure !== null && failure.revision >= revision;
}

function unconfirmed(backend: (typeof BACKENDS)[number], fact: BackendFact, desired: DesiredFact): string {
  const before = fact.confirmed === 0 ? 'it has confirmed none so far' : `it has confirmed revision ${fact.confirmed}`;
  return fact.failure !== null && hasRefused(desired, fact)
    ? `${backendName(backend)} will not take it: ${fact.failure.code} ${quoted(fact.failure.message)} (${before}).`
    : `${backendName(backend)} has not confirmed it yet (${before}).`;
}
