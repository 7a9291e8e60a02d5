import { isUtf8 } from 'node:buffer';

/** Bytes of the longest character, but one. */
const MAX_LEFT_OVER = 3;

/**
 * The value of a dead letter, where it is text (UTF-8, no control characters but white space); null where it is not. A cut value
 * may end amid a character, which is left out.
 */
export function textOf(base64: string | null, isCut: boolean): string | null {
  if (base64 === null) return null;
  const bytes = Buffer.from(base64, 'base64');
  for (let leftOver = 0; leftOver <= (isCut ? MAX_LEFT_OVER : 0); leftOver++) {
    const whole = bytes.subarray(0, bytes.length - leftOver);
    if (!isUtf8(whole)) continue;
    const text = whole.toString('utf8');
    return CONTROL.test(text) ? null : text;
  }
  return null;
}

const CONTROL = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;
