import type { Tone } from './states.js';

type EventText = { readonly text: string; readonly tone: Tone };

const EVENTS: Readonly<Record<string, EventText>> = {
  NODE_REGISTRATION_INITIATED: { text: 'Registration begun', tone: 'wait' },
  NODE_DEREGISTRATION_INITIATED: { text: 'Deregistration begun', tone: 'off' },
  NODE_REGISTRATION_ACCEPTED: { text: 'Accepted', tone: 'wait' },
  NODE_REGISTRATION_REJECTED: { text: 'Rejected', tone: 'bad' },
  NODE_REGISTRATION_ACK_RECEIVED: { text: 'Ack received', tone: 'wait' },
  NODE_REGISTRATION_ACK_TIMED_OUT: { text: 'Ack timed out', tone: 'bad' },
  NODE_BECAME_ACTIVE: { text: 'Active', tone: 'good' },
  NODE_REGISTRATION_UPDATED: { text: 'Updated', tone: 'info' },
  NODE_REGISTRATION_UPDATE_FAILED: { text: 'Update failed', tone: 'bad' },
  NODE_REGISTRATION_CONVERGED: { text: 'No longer degraded', tone: 'good' },
  NODE_LIVENESS_EXPIRED: { text: 'Fell silent', tone: 'bad' },
  NODE_DEREGISTERED: { text: 'Deregistered', tone: 'off' },
  REGISTRY_REQUEST_INTROSPECTION: { text: 'Introspection asked', tone: 'info' },
};

/** An event in a word or two; of one that is not known here, its name. */
export function eventWords(eventType: string): EventText {
  return EVENTS[eventType] ?? { text: named(eventType), tone: 'info' };
}

/** `CONSUL_REGISTERED` as `Consul registered`. */
function named(eventType: string): string {
  const words = eventType.toLowerCase().replaceAll('_', ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
