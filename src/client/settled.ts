import { z } from 'zod';
import { described, DESCRIBED, EXPECTED_OF_DESCRIBED } from './described.js';
import type { MembershipEvents } from './membership.js';
import { mistakesOf, type Expected } from './mistakes.js';
import type { NodeDescription } from './node-description.js';
import type { Description } from './node-protocol.js';
import { OptionsError, type JoinOptions } from './options.js';
import { readPrivateKey, signerOf, type Signer } from './signing.js';

/** Options that have been found good, with what was left out. */
export type Settled = Pick<JoinOptions, 'registry' | 'ready' | 'heartbeat' | 'on'> & {
  readonly signals: boolean;
  readonly goodbyeWithinMs: number;
  /** Undefined: the node signs nothing. */
  readonly signer: Signer | undefined;
  /** As it was given; what is said is in `description`. */
  readonly node: NodeDescription;
  readonly description: Description & { readonly incarnation: number };
};

const MAX_GOODBYE_MS = 10 * 60 * 1000;

const EVENTS = Object.keys({
  accepted: true,
  active: true,
  rejected: true,
  expired: true,
  updated: true,
  updateFailed: true,
  converged: true,
  removed: true,
  lost: true,
  found: true,
  left: true,
  error: true,
} satisfies Record<keyof MembershipEvents, true>);

const callback = z.custom<(...args: never[]) => unknown>((value) => typeof value === 'function').optional();

const options = z.strictObject({
  ...DESCRIBED,
  registry: z.unknown(),
  signing: z.strictObject({ privateKey: z.unknown() }).optional(),
  ready: callback,
  heartbeat: callback,
  signals: z.boolean().optional(),
  goodbyeWithinMs: z.number().int().min(0).max(MAX_GOODBYE_MS).optional(),
  on: z.strictObject(Object.fromEntries(EVENTS.map((event) => [event, callback]))).optional(),
});

const http = z.strictObject({
  url: z.url({ protocol: /^https?$/ }),
  token: z.union([z.string().regex(/^[\x21-\x7e]+$/), z.custom((value) => typeof value === 'function')]).optional(),
});

const credentials = { username: z.string().min(1), password: z.string().min(1) };
const sasl = z.discriminatedUnion('mechanism', [
  z.strictObject({ mechanism: z.literal('plain'), ...credentials }),
  z.strictObject({ mechanism: z.literal('scram-sha-256'), ...credentials }),
  z.strictObject({ mechanism: z.literal('scram-sha-512'), ...credentials }),
  z.strictObject({ mechanism: z.literal('oauthbearer'), oauthBearerProvider: callback.unwrap() }),
]);
const kafka = z.strictObject({
  kafka: z.strictObject({
    brokers: z.array(z.string().regex(/^[^\s,/]+:\d{1,5}$/)).min(1),
    topicPrefix: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,149}$/).optional(), // prettier-ignore
    ssl: z.union([z.boolean(), z.record(z.string(), z.unknown())]).optional(),
    sasl: sasl.optional(),
  }),
});

const EXPECTED: Expected = {
  ...EXPECTED_OF_DESCRIBED,
  ready: 'a function, or be left out',
  heartbeat: 'a function that gives measures, or be left out',
  signals: 'true or false',
  goodbyeWithinMs: `a whole number of milliseconds, at most ${MAX_GOODBYE_MS}`,
  on: 'an object of event names and functions',
  signing: '{ privateKey }, or be left out',
};

const EXPECTED_OF_REGISTRY: Expected = {
  'registry.url': 'an absolute http or https URL such as "http://127.0.0.1:3000"',
  'registry.token': 'a token without blanks, or a function that gives one',
  'registry.kafka.brokers': 'a list of "host:port", at least one',
  'registry.kafka.topicPrefix': '1-150 letters, digits, ".", "_" or "-", beginning with a letter or digit',
  'registry.kafka.ssl': 'true, false, or options of tls.connect',
  'registry.kafka.sasl':
    'a mechanism (plain, scram-sha-256, scram-sha-512) with username and password, or oauthbearer with an oauthBearerProvider',
};
const NO_REGISTRY = 'registry has to be { url } of Rollcall, or { kafka: { brokers } } of the Kafka that it uses';

/** Throws an {@link OptionsError} that names every mistake. `now`: epoch milliseconds. */
export function settle(given: JoinOptions, now: number): Settled {
  const { registry, ready, heartbeat, on, signing, signals = true, goodbyeWithinMs = 5000, ...rest } = given;
  const { incarnation = now, ...node } = rest;
  const { error } = options.safeParse(given);
  const key = error === undefined && signing !== undefined ? readPrivateKey(signing.privateKey) : undefined;
  const wrong = [
    ...(error === undefined ? [] : mistakesOf(error, given, EXPECTED)),
    ...(key !== undefined && 'wrong' in key ? [`signing.privateKey ${key.wrong}`] : []),
    ...mistakesOfRegistry(registry),
  ];
  if (wrong.length > 0) throw new OptionsError(wrong);
  return {
    registry,
    ready,
    heartbeat,
    on,
    signals,
    goodbyeWithinMs,
    signer: key === undefined || 'wrong' in key ? undefined : signerOf(key),
    node: Object.freeze(node),
    description: { ...describedOrThrow({ ...node, incarnation }, 'startup'), incarnation },
  };
}

/** The record as it is said. Throws an {@link OptionsError}. */
export function describedOrThrow(
  node: NodeDescription & { readonly incarnation: number },
  reason: Description['reason'],
): Description {
  const found = described(node, reason);
  if ('mistakes' in found) throw new OptionsError(found.mistakes);
  return found.description;
}

function mistakesOfRegistry(registry: unknown): readonly string[] {
  if (typeof registry !== 'object' || registry === null || 'url' in registry === 'kafka' in registry)
    return [NO_REGISTRY];
  const { error } = ('kafka' in registry ? kafka : http).safeParse(registry);
  return error === undefined ? [] : mistakesOf(error, { registry }, EXPECTED_OF_REGISTRY, ['registry']);
}
