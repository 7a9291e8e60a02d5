import type { Facts } from '../read/facts.js';
import { backendsInWords, degradedInWords } from './backends.js';
import { causeInWords, rootInWords } from './cause.js';
import type { Explained, Explanation } from './explanation.js';
import { ignoredInWords, laterInWords } from './since.js';
import { nextInWords } from './next.js';

/**
 * Puts facts into words, for an operator at three in the morning: a line for each thought, the most important first. Pure: the same
 * facts give the same text.
 */
export function explain(explained: Explained): Explanation {
  const { nodeId, state, entered } = explained.facts;
  const { eventType, eventId, occurredAt, rule } = entered;
  const lines = [
    headline(explained.facts),
    causeInWords(explained),
    rootInWords(explained),
    degradedInWords(explained),
    backendsInWords(explained.facts),
    nextInWords(explained.facts),
    ...laterInWords(explained),
    ignoredInWords(explained),
  ];
  return {
    nodeId,
    state: state.status,
    since: occurredAt,
    because: { eventType, eventId, occurredAt, rule },
    text: lines.filter((line) => line !== null).join('\n'),
  };
}

function headline({ nodeId, asOf, state, entered }: Facts): string {
  const { status, degraded } = state;
  return asOf === null
    ? `${nodeId} has been ${status} since ${entered.occurredAt}${degraded ? ', and is degraded' : ''}.`
    : `At ${asOf} ${nodeId} was ${status}, since ${entered.occurredAt}${degraded ? ', and degraded' : ''}.`;
}
