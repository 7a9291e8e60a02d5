import { z } from 'zod';
import { validated } from '../http/validate.js';
import type { RequestHeaders } from './request-headers.js';

/** Characters that are read of a header; its syntax is not worth more. */
const MAX_HEADER = 1024;

/** Longest wait. A client that wants more gets this, and `Preference-Applied` says so (RFC 7240 forbids to refuse it). */
export const MAX_WAIT_SECONDS = 30;

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
/** The start of a preference and its value; parameters behind `;` are skipped, commas within quotes part nothing. */
const PREFERENCE = new RegExp(`^\\s*(${TOKEN})\\s*(?:=\\s*(${TOKEN}|"(?:[^"\\\\]|\\\\.)*")?\\s*)?(?:;|$)`);
const PARTS = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;

const waitSeconds = z
  .string()
  .regex(/^\d{1,10}$/, 'must say how many seconds to wait, such as wait=5')
  .transform((text) => Math.min(Number(text), MAX_WAIT_SECONDS));

/**
 * Seconds that `Prefer: wait=N` (RFC 7240) asks to wait for the outcome, at most {@link MAX_WAIT_SECONDS}; 0 where it does not.
 * The first of several counts; other preferences are passed over. Throws a `validation` problem where N is no number.
 */
export function preferredWait({ prefer }: RequestHeaders): number {
  const header = typeof prefer === 'string' ? prefer : (prefer ?? []).join(',');
  for (const [part] of header.slice(0, MAX_HEADER).matchAll(PARTS)) {
    const [, name = '', value = ''] = PREFERENCE.exec(part) ?? [];
    if (name.toLowerCase() !== 'wait') continue;
    return validated(waitSeconds, value.replace(/^"(.*)"$/, '$1'), 'header', 'Prefer');
  }
  return 0;
}
