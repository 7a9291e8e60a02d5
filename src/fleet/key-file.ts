import type { KeyObject } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { codeOf, generateSigningKey, readPrivateKey } from '../client/index.js';

/** The private key in the file, which is made where it is not there, for nobody else to read; or what is wrong with it. */
export function keyIn(file: string): KeyObject | { readonly wrong: string } {
  if (existsSync(file)) return readPrivateKey(file);
  try {
    writeFileSync(file, generateSigningKey().privateKey, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    return { wrong: `cannot be written (${codeOf(error)})` };
  }
  return readPrivateKey(file);
}
