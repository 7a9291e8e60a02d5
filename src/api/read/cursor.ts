import { NODE_ID_PATTERN } from '../../messages/index.js';

const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** Where a page of a list begins. Opaque outside: a letter for what it points into, and the position. */
const KINDS = {
  nodes: { letter: 'n', valid: (position: string) => NODE_ID_PATTERN.test(position) },
  /** `{epoch milliseconds}.{node id}`: the moment of which the list is, and the place in it. */
  'nodes-as-of': { letter: 'a', valid: isTimeAndNode },
  history: { letter: 'h', valid: (position: string) => /^[1-9]\d{0,17}$/.test(position) },
  steps: { letter: 's', valid: (position: string) => /^[1-9]\d{0,17}$/.test(position) },
  /** `{epoch milliseconds}.{id}`. */
  'dead-letters': { letter: 'd', valid: isTimeAndId },
  /** Backend, node id and name of an entry, percent-encoded, with slashes between. */
  drift: { letter: 'f', valid: isEntry },
  audit: { letter: 'u', valid: (position: string) => UUID.test(position) },
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
  return isStorableTime(Number(TIME_AND_ID.exec(position)?.[1] ?? NaN));
}

const ENTRY = /^(consul|postgres)\/[^/:]+\/[^/:]*$/;

function isEntry(position: string): boolean {
  // What is decoded is text that PostgreSQL can hold.
  return ENTRY.test(position) && !position.includes('%00') && isPercentEncoded(position);
}

function isPercentEncoded(text: string): boolean {
  try {
    return decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
}

const TIME_AND_NODE = /^(0|-?[1-9]\d{0,14})\.(.+)$/;

function isTimeAndNode(position: string): boolean {
  const [, time, nodeId] = TIME_AND_NODE.exec(position) ?? [];
  return isStorableTime(Number(time ?? NaN)) && NODE_ID_PATTERN.test(nodeId ?? '');
}

/** Epoch milliseconds within what RFC 3339 and PostgreSQL both know. */
export function isStorableTime(ms: number): boolean {
  return ms >= FIRST_MS && ms <= LAST_MS;
}

/** A place in the list of nodes as it was at a moment (RFC 3339). */
export type PlaceAsOf = { readonly asOf: string; readonly after: string };

export function positionAsOf({ asOf, after }: PlaceAsOf): string {
  return `${Date.parse(asOf)}.${after}`;
}

/** What {@link positionAsOf} made, once {@link decodeCursor} has found it sound. */
export function placeAsOf(position: string): PlaceAsOf {
  const [, time = '', after = ''] = TIME_AND_NODE.exec(position) ?? [];
  return { asOf: new Date(Number(time)).toISOString(), after };
}
