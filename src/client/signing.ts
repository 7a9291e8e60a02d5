import { createPrivateKey, KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { publicKeyOf, signatureOf, topicOf, type Message, type Signature } from '../messages/index.js';
import type { NodeMessageType } from './node-protocol.js';

/** Signs a message as it goes into the log. `value` is its envelope, to the byte. */
export type Signer = (message: Message<NodeMessageType>, value: string) => Signature;

/** The key, or what is wrong with it; nothing of the key is ever told. */
export function readPrivateKey(given: unknown): KeyObject | { readonly wrong: string } {
  const key = given instanceof KeyObject ? given : typeof given === 'string' ? keyFrom(given) : null;
  if (key === null) return { wrong: 'has to be an Ed25519 key: PEM, the path of a PEM file, or a KeyObject' };
  if ('wrong' in key) return key;
  const isOurs = key.type === 'private' && key.asymmetricKeyType === 'ed25519';
  return isOurs
    ? key
    : { wrong: `has to be a private key of Ed25519, not a ${key.type} one of ${key.asymmetricKeyType ?? 'no curve'}` };
}

function keyFrom(text: string): KeyObject | { readonly wrong: string } {
  const isPem = text.includes('-----BEGIN');
  let pem = text;
  try {
    if (!isPem) pem = readFileSync(text, 'utf8');
  } catch (error) {
    return { wrong: `names a file that cannot be read (${codeOf(error)})` };
  }
  try {
    return createPrivateKey(pem);
  } catch {
    return { wrong: `${isPem ? 'is' : 'names a file that is'} no private key in PEM (PKCS #8, without a pass phrase)` };
  }
}

/** What the operating system calls it; the text of the error may quote what the file is named, or holds. */
export function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'no code';
}

export function signerOf(privateKey: KeyObject): Signer {
  const publicKey = publicKeyOf(privateKey);
  return ({ eventType, payload }, value) =>
    signatureOf({ topic: topicOf(eventType), key: payload.nodeId, value }, privateKey, publicKey);
}
