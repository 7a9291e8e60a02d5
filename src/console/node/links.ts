import type { NodeStep } from '../../api-answers/answers.js';

/** What a step is called within the page. */
export function stepAnchor(machine: NodeStep['machine'], eventId: string): string {
  return `step-${machine}-${eventId}`;
}

/** Where the message of a step came from: the step that published it, or the outside. */
export type Cause =
  { readonly kind: 'step'; readonly step: NodeStep } | { readonly kind: 'earlier' } | { readonly kind: 'outside' };

/**
 * What caused a step, among those that are shown. A message without a cause began the workflow; one whose cause is not
 * shown comes from a step further back, or from an effect, which keeps no journal: there the intent that it answers is
 * the cause, and the step that asked for it.
 */
export function causeOf(step: NodeStep, shown: readonly NodeStep[]): Cause {
  const publisher = shown.find(({ outputs }) => outputs.some(({ eventId }) => eventId === step.eventId));
  if (publisher !== undefined && publisher !== step) return { kind: 'step', step: publisher };
  if (step.causationId === null) return { kind: 'outside' };
  const cause = shown.find(
    ({ eventId, outputs }) =>
      eventId === step.causationId || outputs.some((output) => output.eventId === step.causationId),
  );
  return cause === undefined || cause === step ? { kind: 'earlier' } : { kind: 'step', step: cause };
}

/** Where a message without a cause came from. */
export function originOf(eventType: string): string {
  switch (eventType) {
    case 'DEADLINE_PASSED':
      return 'a deadline, which passed';
    case 'REGISTRY_DRIFT_DETECTED':
      return 'the audit of a backend';
    default:
      return 'came from outside: it began this workflow';
  }
}

/** The step that took an output, where it is shown: the link the other way. */
export function takerOf(eventId: string, shown: readonly NodeStep[]): NodeStep | null {
  return shown.find((step) => step.eventId === eventId) ?? null;
}
