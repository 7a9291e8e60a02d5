import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import type { Authorship } from '../lanes/step.js';
import { Notary } from './notary.js';

/** The notary of this process, once it has the registry's key. Rejects while the database cannot be reached; then asked again. */
export type NotaryOf = () => Promise<Notary>;

/**
 * `agreeOn` stores the key that it is given, unless there is one already, and gives the one that is stored: so all processes of a
 * registry have the same, and nobody has to hand it round.
 */
export function notaryOf(mode: Authorship['mode'], agreeOn: (key: string) => Promise<string>): NotaryOf {
  let notary: Promise<Notary> | undefined;
  return () => {
    notary ??= agreeOn(newKey()).then((key) => new Notary(mode, createPrivateKey(key)));
    notary.catch(() => (notary = undefined));
    return notary;
  };
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('ed25519');
  return privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}
