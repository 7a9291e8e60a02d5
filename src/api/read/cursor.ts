import { NODE_ID_PATTERN } from '../../messages/index.js';

/** Where a page of nodes or of a history begins. Opaque outside: a letter for what it points into, and the position. */
const KINDS = {
  nodes: { letter: 'n', valid: (position: string) => NODE_ID_PATTERN.test(position) },
  history: { letter: 'h', valid: (position: string) => /^[1-9]\d{0,17}$/.test(position) },
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
