import { createHash } from 'node:crypto';
import type { Message, MessageType } from '../messages/index.js';

/** What the registry publishes for a registration, in this order. */
export const COURSE = [
  'NODE_REGISTRATION_INITIATED',
  'NODE_REGISTRATION_ACCEPTED',
  'NODE_REGISTRATION_ACK_RECEIVED',
  'NODE_BECAME_ACTIVE',
] as const satisfies readonly MessageType[];

/** The part of it that a node is told: all there is to check where only the nodes' own events are heard. */
export const TOLD_COURSE = COURSE.filter((type) => type !== 'NODE_REGISTRATION_INITIATED');

/** Between the course's messages: read so that the chain of causes can be followed. */
export const LINKS = [
  'CONSUL_INTENT',
  'POSTGRES_INTENT',
  'CONSUL_REGISTERED',
  'REGISTRATION_COMPLETED',
] as const satisfies readonly MessageType[];

/** Repeats may differ in `duration_ms`. */
const EFFECT_RESULTS: ReadonlySet<MessageType> = new Set([
  'CONSUL_REGISTERED',
  'CONSUL_DEREGISTERED',
  'POSTGRES_REGISTRATION_UPSERTED',
  'POSTGRES_REGISTRATION_DEACTIVATED',
  'REGISTRY_EFFECT_FAILED',
]);

/** Markers and dead letters stand outside of the workflow. */
const OUTSIDE: ReadonlySet<MessageType> = new Set(['DEADLINE_PASSED', 'DEAD_LETTER']);

/** What is kept of a message that was heard. */
export type Noted = {
  readonly eventType: MessageType;
  readonly eventId: string;
  /** Two messages with the same one say the same thing, and so must have the same event id. */
  readonly meaning: string;
  readonly causationId: string | null;
  readonly timestamp: string;
  readonly digest: string | undefined;
};

/** What is known of a node that is judged: what it said, and what was heard of it so far. */
export type Audited = {
  readonly id: string;
  readonly correlationId: string;
  readonly introspectionId: string;
  readonly ackId: string | undefined;
  readonly noted: Noted[];
  /** Correlation ids of the workflows that it had before this one, in this run. */
  readonly former?: readonly string[];
};

export type Verdict = 'new' | 'copy' | 'foreign' | 'contradiction';
export type Violation = { readonly nodeId: string; readonly text: string };

/** Judges what is heard: drops copies, and finds what a registry must never say. */
export class Audit {
  readonly violations: Violation[] = [];

  /**
   * `verify`: also compare copies byte for byte. `freshIds`: another workflow's message about a node is a violation. `course`: what
   * can be heard of it; all by default.
   */
  constructor(
    private readonly modes: {
      readonly verify: boolean;
      readonly freshIds: boolean;
      readonly course?: readonly MessageType[];
    },
  ) {}

  note(node: Audited, message: Message, value: Buffer): Verdict {
    const { eventType, eventId, correlationId, causationId, eventTimestamp: timestamp } = message;
    if (correlationId !== node.correlationId && !OUTSIDE.has(eventType)) {
      const isOurs = node.former?.includes(correlationId) === true;
      if (this.modes.freshIds && !isOurs) this.violation(node.id, `${eventType} ${eventId} has another correlation id`);
      return 'foreign';
    }
    const digest =
      this.modes.verify && !EFFECT_RESULTS.has(eventType)
        ? createHash('sha1').update(value).digest('base64')
        : undefined;
    const meaning = meaningOf(message);
    const before = node.noted.find((noted) => noted.eventId === eventId || noted.meaning === meaning);
    if (before === undefined) {
      node.noted.push({ eventType, eventId, meaning, causationId, timestamp, digest });
      return 'new';
    }
    if (before.eventId !== eventId) {
      this.violation(node.id, `${eventType} twice under two event ids, ${before.eventId} and ${eventId}`);
      return 'contradiction';
    }
    if (before.digest !== digest) this.violation(node.id, `two copies of ${eventType} ${eventId} differ`);
    return 'copy';
  }

  /** The whole course of a node, once everything has been heard. */
  verify(node: Audited): void {
    for (const text of faultsOf(node, this.modes.course)) this.violation(node.id, text);
  }

  violation(nodeId: string, text: string): void {
    this.violations.push({ nodeId, text });
  }
}

/** What is wrong with the course of a node that is said to be active. */
export function faultsOf(
  node: Pick<Audited, 'noted' | 'introspectionId' | 'ackId'>,
  types: readonly MessageType[] = COURSE,
): string[] {
  const faults: string[] = [];
  const course: Noted[] = [];
  for (const eventType of types) {
    const found = node.noted.filter((noted) => noted.eventType === eventType);
    if (found.length !== 1) faults.push(`${eventType} ${found.length} times, expected once`);
    course.push(...found);
  }
  for (const { eventType } of node.noted) {
    if (eventType === 'NODE_REGISTRATION_REJECTED' || eventType === 'NODE_REGISTRATION_ACK_TIMED_OUT') {
      faults.push(`${eventType} for a node that became active`);
    }
  }
  if (faults.length > 0) return faults;

  course.reduce((before, after) => {
    if (Date.parse(after.timestamp) < Date.parse(before.timestamp)) {
      faults.push(`${after.eventType} (${after.timestamp}) is older than ${before.eventType} (${before.timestamp})`);
    }
    return after;
  });
  const initiated = course.find(({ eventType }) => eventType === 'NODE_REGISTRATION_INITIATED');
  const causes = new Map(node.noted.map((noted) => [noted.eventId, noted]));
  for (const noted of course) {
    // Without INITIATED and the links between, there is nothing to follow from ACCEPTED.
    if (noted.eventType === 'NODE_REGISTRATION_ACCEPTED' && initiated === undefined) continue;
    const origin = originOf(noted.eventType, node, initiated);
    const end = backTo(origin, noted, causes);
    if (end !== origin) faults.push(`${noted.eventType}: the chain of its causes breaks at ${end}, before ${origin}`);
  }
  return faults;
}

/** INITIATED comes from the introspection, ACCEPTED from INITIATED, the others from the ack, which answered ACCEPTED. */
function originOf(
  type: MessageType,
  { introspectionId, ackId }: Pick<Audited, 'introspectionId' | 'ackId'>,
  initiated: Noted | undefined,
): string | undefined {
  if (type === 'NODE_REGISTRATION_INITIATED') return introspectionId;
  return type === 'NODE_REGISTRATION_ACCEPTED' ? initiated?.eventId : ackId;
}

/** Follows the causes of `from` until `origin`, or as far as they go. A deadline has no cause: it is an origin of its own. */
function backTo(
  origin: string | undefined,
  from: Noted,
  causes: ReadonlyMap<string, Noted>,
): string | null | undefined {
  let cause = from.causationId;
  for (let steps = 0; steps < 20 && cause !== origin && cause !== null; steps += 1) {
    const link = causes.get(cause);
    if (link === undefined) return cause;
    if (link.eventType === 'DEADLINE_PASSED') return origin;
    cause = link.causationId;
  }
  return cause;
}

function meaningOf(message: Message): string {
  const { eventType, eventId, payload } = message;
  if (OUTSIDE.has(eventType)) return eventId;
  const said = 'intent' in payload ? payload.intent.payload : payload;
  const parts: unknown[] = [eventType, 'attemptId' in said ? said.attemptId : ''];
  if ('revision' in said) parts.push(said.revision);
  if ('backend' in said) parts.push(said.backend);
  // A node can fall silent more than once.
  if (message.eventType === 'NODE_LIVENESS_EXPIRED') parts.push(message.payload.deadlineAt);
  return parts.join(' ');
}
