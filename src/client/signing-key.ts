import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { publicKeyOf } from '../messages/index.js';

/** A private key of Ed25519: PEM (PKCS #8), the path of a file that holds it, or a key that Node.js has read already. */
export type PrivateKey = string | KeyObject;

/**
 * A new key for a node. Keep `privateKey` (PEM) where only the node can read it, and give it as `signing: { privateKey }`; `publicKey`
 * is what the registry knows the node by, and may be told to anybody.
 */
export function generateSigningKey(): { readonly privateKey: string; readonly publicKey: string } {
  const { privateKey } = generateKeyPairSync('ed25519');
  return {
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    publicKey: publicKeyOf(privateKey),
  };
}
