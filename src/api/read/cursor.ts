import { NODE_ID_PATTERN } from '../../messages/index.js';

/** Where a page of a list begins. Opaque outside: a letter for what it points into, and the position. */
const KINDS = {
  nodes: { letter: 'n', valid: (position: string) => NODE_ID_PATTERN.test(position) },
  history: { letter: 'h', valid: (position: string) => /^[1-9]\d{0,17}$/.test(position) },
  /** `{epoch milliseconds}.{id}`. */
  'dead-letters': { letter: 'd', valid: isTimeAndId },
} as const;
export type CursorKind = keyof typeof KINDS;

export function encodeCursor(kind: CursorKind, position: string): string {
  return Buffer.from(`${KINDS[kind].letter}:${position}`).toString('base64url');
}

/** Null for what {@link encodeCursor} did not make for this kind. */
export function decodeCursor(kind: CursorKind, cursor: string): string | null {
  const [letter, position = ''] = Buffer.from(cursor, 'base64url').toString('utf8').split(':', 2);
  const sound = letter === KINDS[kind].letter && KINDS[kind].valid(position);
  return sound && encodeCursor(kind, position) === cursor ? position : null;
}

const TIME_AND_ID = /^(0|-?[1-9]\d{0,14})\.[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;
/** Times that RFC 3339 and PostgreSQL both know. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

function isTimeAndId(position: string): boolean {
  const time = Number(TIME_AND_ID.exec(position)?.[1] ?? NaN);
  return time >= FIRST_MS && time <= LAST_MS;
}
