import type { LinkFact, StepFact } from '../read/facts.js';
import type { Explained } from './explanation.js';
import { backendName, errorsInWords, listed, quoted, ruleInWords, sender } from './words.js';

/** The message, the rule, and what followed from it. */
export function causeInWords({ facts, rules, registryId }: Explained): string {
  const { entered, nodeId } = facts;
  const [from = '', ...to] = entered.path.split(' > ');
  const by = sender(entered.source, entered.eventType, { nodeId, registryId });
  const became = to.length > 1 ? `${to.at(-1)} by way of ${listed(to.slice(0, -1))}` : (to.at(-1) ?? from);
  const were = entered.outputs.length > 1 ? 'were' : 'was';
  const published = entered.outputs.length === 0 ? '' : ` ${listed(entered.outputs)} ${were} published.`;
  return [
    `It was ${from === 'none' ? 'not known' : from} when ${entered.eventType} came from ${by}${detailsOf(entered)}. `,
    `By the rule ${ruleInWords(entered.rule, rules)} it became ${became}.${published}`,
    reasonOf(entered),
  ].join('');
}

/** What the message itself said, as far as it matters. */
export function detailsOf({ eventType, said, told }: StepFact): string {
  if (eventType === 'DEADLINE_PASSED') return deadlineDetails(said, told.lastHeartbeatAt);
  const details = [
    said.confirmed === null || said.confirmed.length === 0
      ? null
      : `confirmed by ${listed(said.confirmed.map(backendName))}`,
    said.pending === null || said.pending.length === 0 ? null : `${listed(said.pending.map(backendName))} pending`,
    said.errors === null || said.errors.length === 0 ? null : errorsInWords(said.errors),
    said.reason === null || eventType === 'REGISTER_NODE' ? null : `reason ${quoted(said.reason)}`,
  ].filter((detail) => detail !== null);
  return details.length === 0 ? '' : ` (${details.join('; ')})`;
}

function deadlineDetails({ kind, deadlineAt }: StepFact['said'], lastHeartbeatAt: string | null): string {
  const heard =
    lastHeartbeatAt === null
      ? 'no heartbeat was heard since it became active'
      : `the last heartbeat was heard at ${lastHeartbeatAt}`;
  return ` for its ${kind} deadline of ${deadlineAt}${kind === 'liveness' ? ` (${heard})` : ''}`;
}

/** Why the node was turned down, or has gone; what the message itself said has been told with it. */
function reasonOf({ said, told }: StepFact): string {
  const known = told.reason === null || told.reason === said.reason || (said.errors?.length ?? 0) > 0;
  return known ? '' : ` Reason: ${quoted(told.reason)}.`;
}

/** Where it all comes from: the introspection or command at the beginning of the chain, or else of the attempt. */
export function rootInWords({ facts, registryId }: Explained): string | null {
  const { entered, links, attempt, nodeId } = facts;
  if (ROOTS.includes(entered.eventType)) return null;
  const root = rootOf(entered, links) ?? attempt;
  if (root === null) return null;
  const by = sender(root.source, root.eventType, { nodeId, registryId });
  const reason = root.reason === null || root.eventType === 'REGISTER_NODE' ? '' : ` (reason ${quoted(root.reason)})`;
  return `It goes back to ${root.eventType} from ${by}${reason} at ${root.occurredAt}, event ${root.eventId}.`;
}

const ROOTS = ['NODE_INTROSPECTION', 'REGISTER_NODE', 'DEREGISTER_NODE'];

/**
 * Up the chain of causation: each message names the one that caused it, which was journalled itself or was published by a step
 * that is. Null where the chain ends elsewhere: markers of deadlines have no cause, and what nodes name may be anything.
 */
function rootOf({ causationId }: StepFact, links: readonly LinkFact[]): LinkFact | null {
  let cause = causationId;
  let last: LinkFact | null = null;
  // The newest link is first, and a cause is older than its effect: one pass finds the whole chain.
  for (const link of links) {
    if (link.eventId !== cause && !link.outputIds.includes(cause ?? '')) continue;
    last = link;
    cause = link.causationId;
  }
  return last !== null && ROOTS.includes(last.eventType) ? last : null;
}
