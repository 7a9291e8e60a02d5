import type { Input } from '../../src/messages/index.js';

/** Something that a handler could do beside deciding; what it returns gets into its answer. */
export type Plant = (state: Record<string, unknown> | null, message: Input) => unknown;

/** What the gate says of it. */
type Planted = { readonly plant: Plant; readonly as: RegExp };

let count = 0;
let last = '';
const known = new WeakMap<object, number>();

function swallowing(work: () => unknown): void {
  try {
    work();
  } catch {
    // As a careless handler would.
  }
}

/** Uses of the world, by the name under which they are caught. */
const USES: Readonly<Record<string, Plant>> = {
  'Date.now': () => void Date.now(),
  'new Date() with 0 arguments': () => new Date(),
  'new Date() with 3 arguments': () => new Date(2026, 1, 1),
  'Date()': () => void Date(),
  'Math.random': () => void Math.random(),
  performance: () => void performance.now(),
  crypto: () => void crypto.randomUUID(),
  process: () => process.env['HOME'],
  globalThis: () => globalThis.Date,
  setTimeout: () => void setTimeout(() => undefined, 0),
  setInterval: () => void setInterval(() => undefined, 1),
  setImmediate: () => void setImmediate(() => undefined),
  queueMicrotask: () => queueMicrotask(() => undefined),
  Promise: () => void Promise.resolve(),
  fetch: () => void fetch('http://localhost/'),
  console: () => console.log('said'),
  Buffer: () => void Buffer.from('x'),
  Intl: () => new Intl.NumberFormat(),
  Symbol: () => void Symbol('x'),
  WeakRef: () => new WeakRef({}),
  'Date.prototype.getHours': () => void new Date(5).getHours(),
  'Date.prototype.getTimezoneOffset': () => void new Date(5).getTimezoneOffset(),
  'Date.prototype.toString': () => void String(new Date(5)),
  'Number.prototype.toLocaleString': () => void (1234.5).toLocaleString(),
  'String.prototype.localeCompare': () => void 'a'.localeCompare('b'),
  'RegExp.$1': () => (RegExp as unknown as Record<string, string>)['$1'],
};

const CHANGES = /TypeError: (Cannot (assign to read only|add|delete|define) property|.* object is not extensible)/;
const ANSWERS_TWICE = /answers .*, and (the second time|after storage) /s;

/** What the gate must catch, in whatever handler it is. */
export const PLANTS: Readonly<Record<string, Planted>> = {
  ...Object.fromEntries(
    Object.entries(USES).map(([name, plant]) => [
      `uses ${name}`,
      { plant, as: new RegExp(`uses ${name.replace(/[.$()]/g, '\\$&')}`) },
    ]),
  ),
  'asks the clock, and swallows what that throws': {
    plant: () => swallowing(() => Date.now()),
    as: /uses Date\.now/,
  },
  'asks for the process, and swallows what that throws': {
    plant: () => swallowing(() => process.pid),
    as: /uses process/,
  },
  'changes the state': { plant: (state) => state !== null && (state['status'] = 'changed'), as: CHANGES },
  'adds to the state': { plant: (state) => state !== null && (state['extra'] = 1), as: CHANGES },
  'changes the message': { plant: (_, message) => void Object.assign(message, { eventId: 'x' }), as: CHANGES },
  'changes the payload': { plant: (_, { payload }) => void Object.assign(payload, { nodeId: 'x' }), as: CHANGES },
  'deletes from the payload': {
    plant: (_, { payload }) => {
      delete (payload as { nodeId?: string }).nodeId;
    },
    as: CHANGES,
  },
  'counts its calls': { plant: () => ++count, as: ANSWERS_TWICE },
  'does something else at every hundredth call': { plant: () => ++count % 100 === 0, as: ANSWERS_TWICE },
  'remembers what it was asked before': {
    plant: (_, { eventId }) => {
      const before = last;
      last = eventId;
      return before;
    },
    as: ANSWERS_TWICE,
  },
  'knows objects again': {
    plant: (_, message) => {
      if (!known.has(message)) known.set(message, ++count);
      return known.get(message);
    },
    as: ANSWERS_TWICE,
  },
  'puts its keys now in this order, now in that': {
    plant: () => (++count % 2 === 0 ? { a: 1, b: 2 } : { b: 2, a: 1 }),
    as: ANSWERS_TWICE,
  },
};
