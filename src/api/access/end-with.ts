import type { ServerResponse } from 'node:http';
import type { Caller } from './caller.js';

/** The longest that a timer of Node can wait: a token that is good for longer is as good as for ever. */
const MAX_MS = 2_147_483_647;

/** Ends an answer that goes on for ever when the caller's credentials do; it comes back with new ones where it broke off. */
export function endWith({ expiresAt }: Caller, response: ServerResponse): void {
  if (expiresAt === null) return;
  const ms = Math.max(0, expiresAt - Date.now());
  if (ms > MAX_MS) return;
  const timer = setTimeout(() => response.end(), ms).unref();
  response.once('close', () => clearTimeout(timer));
}
