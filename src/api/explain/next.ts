import type { Facts } from '../read/facts.js';
import { pendingBackends } from './backends.js';
import { listed } from './words.js';

/** What has to happen for the node to leave its state, or to stay in it. */
export function nextInWords(facts: Facts): string {
  return `Next: ${whatComes(facts)}`;
}

function whatComes(facts: Facts): string {
  const { status } = facts.state;
  switch (status) {
    case 'pending_registration':
      return [
        `it is accepted once both backends have confirmed${waitingFor(facts)}.`,
        ...deadlineOf(facts, 'at which it is accepted with one of them'),
        ...outage(facts),
      ].join(' ');
    case 'awaiting_ack':
      return [
        'it is active as soon as it acknowledges (NODE_REGISTRATION_ACKED).',
        ...deadlineOf(facts, 'at which it is taken out again and asked to introduce itself'),
      ].join(' ');
    case 'active':
      return [...staysActive(facts), ...converges(facts)].join(' ');
    case 'rejected':
      return 'nothing by itself. Another NODE_INTROSPECTION or REGISTER_NODE that is admitted begins a new attempt.';
    case 'ack_timed_out':
      return ['it was asked to introduce itself; when it does, a new attempt begins.', ...removal(facts)].join(' ');
    case 'liveness_expired':
      return [
        'it comes back with its next NODE_INTROSPECTION; heartbeats alone change nothing.',
        ...removal(facts),
      ].join(' ');
    case 'deregistering':
      return [`it is deregistered once both backends have forgotten it${waitingFor(facts)}.`, ...outage(facts)].join(
        ' ',
      );
    case 'deregistered':
      return (
        'nothing by itself. Only REGISTER_NODE, or an introspection with reason startup or a newer incarnation, ' +
        'brings it back.'
      );
    case 'accepted':
    case 'ack_received':
      return 'it goes on at once; nothing rests in this state.';
    default:
      return status satisfies never;
  }
}

function staysActive(facts: Facts): readonly string[] {
  if (facts.state.liveness === 'none')
    return ['it owes no heartbeats, and stays active until somebody deregisters it.'];
  return [
    'it stays active as long as its heartbeats come.',
    ...heartbeats(facts),
    ...deadlineOf(facts, 'at which it expires if it is silent until then'),
  ];
}

function heartbeats({ now, entered }: Facts): readonly string[] {
  if (now === null) return [];
  // The column outlives a node's absence: what was heard before belongs to another life of it.
  const heard = now.lastHeartbeatAt !== null && now.lastHeartbeatAt >= entered.occurredAt;
  return [heard ? `The last was heard at ${now.lastHeartbeatAt}.` : 'None was heard since it became active.'];
}

function converges({ state, desired }: Facts): readonly string[] {
  if (!state.degraded) return [];
  const pending = pendingBackends(desired);
  return pending.length === 0
    ? ['It stays degraded until its record changes, as the backend that is missing has refused it.']
    : [`It is no longer degraded once ${listed(pending)} ${have(pending)} confirmed.`];
}

/** The node has failed, and what the backends have of it is on its way out. */
function removal(facts: Facts): readonly string[] {
  const pending = pendingBackends(facts.desired);
  return pending.length === 0 ? [] : [`${listed(pending)} ${have(pending)} still to forget it.`, ...outage(facts)];
}

function waitingFor({ desired }: Facts): string {
  const pending = pendingBackends(desired);
  return pending.length === 0 ? '' : `; ${listed(pending)} ${have(pending)} not answered yet`;
}

function have(names: readonly string[]): string {
  return names.length > 1 ? 'have' : 'has';
}

/** Where to look when a backend does not answer. */
function outage({ asOf, desired }: Facts): readonly string[] {
  const pending = asOf === null ? pendingBackends(desired) : [];
  if (pending.length === 0) return [];
  return [`What a backend has to do waits in the log while it is away; /health tells whether one is.`];
}

function deadlineOf({ now }: Facts, then: string): readonly string[] {
  if (now === null) return ['Which deadline was armed at that moment, the journal does not keep.'];
  const { deadline } = now;
  if (deadline === null) return ['No deadline is armed.'];
  const told = `Its ${deadline.kind} deadline is ${deadline.at}, ${then}.`;
  return deadline.passed ? [told, overdue(deadline.kind)] : [told];
}

function overdue(kind: string): string {
  return kind === 'liveness'
    ? 'That has passed: it counts once the registry has listened without a break for a whole window, and while mass ' +
        'expiry is not held back; /v1/expiry tells whether it is.'
    : 'That has passed: it counts as soon as the marker of it is read.';
}
