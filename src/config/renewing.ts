import { registerSecret } from '../messages/index.js';
import { readSecret } from './secret-files.js';

/** A request may ask for it, so the file is not looked at each time. */
const LOOK_AGAIN_AFTER_MS = 1000;

/**
 * A secret that is in a file, as it is there now: whoever changes it there need not restart us. While the file cannot be read (it is being
 * replaced, say) it is what it was.
 */
export function renewing(path: string, first: string, now: () => number = () => performance.now()): () => string {
  let known = first;
  let lookedAt = now();
  return () => {
    if (now() - lookedAt < LOOK_AGAIN_AFTER_MS) return known;
    lookedAt = now();
    const read = readSecret(path);
    if (read.ok && read.text !== known) {
      known = read.text;
      registerSecret(known);
    }
    return known;
  };
}
