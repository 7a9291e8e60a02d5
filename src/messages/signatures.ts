import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { PUBLIC_KEY_PATTERN } from './fields.js';
import type { TopicSuffix } from './topics.js';

/**
 * Signatures of messages (Ed25519, docs/decisions/033-signed-events.md): over what goes into the log, to the byte, with the topic and
 * the key of the record, so that nothing signed can be said under another name. They travel as headers beside the value.
 */
export const SIGNATURE_HEADER = 'signature';
export const PUBLIC_KEY_HEADER = 'public_key';

/** The same over HTTP: names with an underscore are dropped by some proxies, and `signature` means something else there (RFC 9421). */
export const HTTP_SIGNATURE_HEADER = 'x-signature';
export const HTTP_PUBLIC_KEY_HEADER = 'x-public-key';
/** Content type of a body that is a whole envelope, as it goes into the log. */
export const ENVELOPE_TYPE = 'application/vnd.rollcall.envelope+json';

/** In place of a key: the registry itself has signed. No key is written like this. */
export const REGISTRY_SIGNER = 'registry';

/** Its 64 bytes in base64url, without padding; one signature has one such text. */
const SIGNATURE_PATTERN = /^[A-Za-z0-9_-]{85}[AQgw]$/;

const VERSION = 'rollcall-signature-v1';
/** What precedes the 32 bytes in a public key as DER (SPKI). */
const SPKI_OF_ED25519 = Buffer.from('302a300506032b6570032100', 'hex');

/** Of a record, what is signed. `topic` without its prefix, which a node that speaks HTTP does not know. */
export type Signable = {
  readonly topic: TopicSuffix;
  readonly key: string | Buffer;
  readonly value: string | Buffer;
};

export type Signature = { readonly signature: string; readonly publicKey: string };

/** The bytes that are signed: four lines, of which the last is the value. */
export function signedBytes({ topic, key, value }: Signable): Buffer {
  return Buffer.concat([
    Buffer.from(`${VERSION}\n${topic}\n`),
    Buffer.from(key),
    Buffer.from('\n'),
    Buffer.from(value),
  ]);
}

/** The same key and record always give the same signature. `publicKey`: {@link publicKeyOf} the private one. */
export function signatureOf(record: Signable, privateKey: KeyObject, publicKey: string): Signature {
  return { signature: sign(null, signedBytes(record), privateKey).toString('base64url'), publicKey };
}

/** As headers of a record. */
export function signatureHeaders({ signature, publicKey }: Signature): Record<string, string> {
  return { [SIGNATURE_HEADER]: signature, [PUBLIC_KEY_HEADER]: publicKey };
}

/** The text of the public half of a key, private or public. */
export function publicKeyOf(key: KeyObject): string {
  const half = key.type === 'private' ? createPublicKey(key) : key;
  return half.export({ format: 'der', type: 'spki' }).subarray(SPKI_OF_ED25519.length).toString('base64url');
}

/** The key of a text that {@link PUBLIC_KEY_PATTERN} matches. Costs as much as a signature: keep it. */
export function publicKeyFrom(text: string): KeyObject {
  const key = Buffer.concat([SPKI_OF_ED25519, Buffer.from(text, 'base64url')]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

/** What the headers say, not verified yet: nothing, a signature, or what is wrong with it. */
export function readSignature(
  headers: Readonly<Record<string, unknown>>,
): Signature | null | { readonly wrong: string } {
  const { [SIGNATURE_HEADER]: signature, [PUBLIC_KEY_HEADER]: publicKey } = headers;
  if (signature === undefined && publicKey === undefined) return null;
  if (typeof signature !== 'string' || !SIGNATURE_PATTERN.test(signature)) {
    return { wrong: `the header ${SIGNATURE_HEADER} has to be 64 bytes in base64url without padding, once` };
  }
  if (typeof publicKey !== 'string' || !PUBLIC_KEY_PATTERN.test(publicKey)) {
    return { wrong: `the header ${PUBLIC_KEY_HEADER} has to be 32 bytes in base64url without padding, once` };
  }
  return { signature, publicKey };
}

/** Whether the signature is that of the key over the record. `key`: {@link publicKeyFrom} its text. */
export function isSignedBy(record: Signable, { signature }: Signature, key: KeyObject): boolean {
  return verify(null, signedBytes(record), key, Buffer.from(signature, 'base64url'));
}

/**
 * Whether a message was said within the time, by the clocks of its sender and of the log. A heartbeat leaves no trace by which its
 * copy could be told; so one that is older than the time that it gives the node is none.
 */
export function isFresh(
  { eventTimestamp, appendedAt }: { readonly eventTimestamp: string; readonly appendedAt: number },
  withinMs: number,
): boolean {
  return Math.abs(appendedAt - Date.parse(eventTimestamp)) <= withinMs;
}
