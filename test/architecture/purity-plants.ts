import { inside, type Plant } from './plants.js';

const GLOBALS = 'rollcall/pure-globals';
const SYNTAX = 'no-restricted-syntax';
const SORT = '@typescript-eslint/require-array-sort-compare';

const PURE_FOLDERS = ['src/reducer', 'src/orchestrator/handlers'] as const;

/** The same violations in every pure folder: what one may not do, the other may not do either. */
function everywhere(rule: string, texts: readonly string[]): readonly Plant[] {
  return PURE_FOLDERS.flatMap((folder) => texts.map((text) => inside(folder, text, rule)));
}

/** For ESLint, in the orchestrator and the reducer. */
export const PURITY_LINT_PLANTS: readonly Plant[] = [
  ...everywhere(GLOBALS, [
    'export const value = Date.now();',
    'export const value = new Date();',
    'export const value = new Date(...([] as unknown as [number]));',
    'export const value = new Date(2026, 1, 1);',
    'export const value = Date();',
    'export const { now } = Date;',
    'export const now = Date;',
    'export const value = Math.random();',
    'export const { random } = Math;',
    "export const value = Math['random']();",
    "export const value = process.env['X'];",
    'export const value = process.hrtime();',
    'export const value = globalThis.Date;',
    'export const value = setTimeout(() => undefined, 1);',
    'queueMicrotask(() => undefined);',
    'export const value = performance.now();',
    'export const value = crypto.randomUUID();',
    "export const value = fetch('x');",
    'console.log(1);',
    "export const value = Buffer.from('x');",
    'export const value = Promise.resolve(1);',
    'export const value = new Intl.NumberFormat();',
    "export const value = Symbol('x');",
    'export const value: object = new WeakMap();',
    "export const value: unknown = eval('1');",
    'export const value = (RegExp as unknown as { $1: string }).$1;',
    'export const value = Error.stackTraceLimit;',
    'export class Meta extends Function {}',
  ]),
  ...everywhere(SYNTAX, [
    'export const value = async () => 1;',
    'export async function value() { return 1; }',
    'export async function value(all: AsyncIterable<number>) { for await (const one of all) return one; return 0; }',
    'export function* value() { yield 1; }',
    "export const value = import('./x.js');",
    'export function value() { try { return 1; } catch { return 2; } }',
    'export class Reducer { count = 0; }',
    'export let value = 1;',
    'let value = 1; export function next() { return (value += 1); }',
    'const count = { n: 0 }; export function next() { count.n += 1; return count.n; }',
    'const count = { n: 0 }; export function next() { return count.n++; }',
    'const seen = new Map<string, number>(); export function get(key: string) { return seen.get(key); }',
    "const seen = new Set(['a']); export function add(key: string) { return seen.add(key).size; }",
    "const seen = ['a']; export function add(key: string) { return seen.push(key); }",
    'const pattern = /a/g; export function finds(text: string) { return pattern.test(text); }',
    "export function value(state: { status: string }) { state.status = 'x'; }",
    'export function value(state: { status?: string }) { delete state.status; }',
    'export function value(state: { a: string }) { [state.a] = ["x"]; }',
    "export function value(state: { status: string }) { return Object.assign(state, { status: 'x' }); }",
    "export const value = (() => 1).constructor('return process')() as unknown;",
    "export { createHash } from 'node:crypto';",
    "import { createHash } from 'node:crypto'; export const value = createHash;",
    "import type { z } from 'zod'; export type Value = z.ZodType;",
    "export const value = ['a', 'b'].sort((a, b) => a.localeCompare(b));",
    'export const value = (5).toLocaleString();',
    "export const value = 'i'.toLocaleUpperCase();",
    'export const value = (at: { getHours(): number }) => at.getHours();',
    'export const value = (at: { toDateString(): string }) => at.toDateString();',
    'export const value = import.meta.url;',
    'export const value = (error: { stack: string }) => error.stack;',
  ]),
  ...everywhere(SORT, ['export const value = [10, 9].sort();']),
  inside('src/reducer', 'export const value = new Date(5);', GLOBALS),
  inside('src/reducer', "export const value = Date.parse('2026-11-21');", GLOBALS),

  inside('src/orchestrator', "export const value = new Date(Date.parse('2026-11-21')).toISOString();", null),
  inside('src/orchestrator', 'const ids: ReadonlySet<string> = new Set(["a"]); export const value = ids.size;', null),
  inside('src/reducer', 'export const value = Object.entries({ a: Math.max(1, Number.parseInt("2", 10)) });', null),
  inside('src/reducer', 'export const NONE: readonly string[] = []; export const SOME = ["a"] as const;', null),
  inside('src/reducer', 'export const value = (ids: readonly string[]) => [...ids].sort();', null),
  inside('src/reducer', 'export const value = (text: string) => /a/g.test(text) || new RegExp("b").test(text);', null),
  inside('src/reducer', 'export function value() { throw new Error("broken"); }', null),
  inside('src/reducer', 'export type Value = Readonly<Record<string, Date | Promise<number>>>;', null),
  inside('src/reducer/a.module.ts', 'export const value = async () => Promise.resolve(Date.now());', null),
];

const MESSAGE = "import type { Input } from '../messages/catalogue.js';\n";

/** What comes in is readonly, all the way down. */
const WRITES = [
  ["export function f(input: Input) { input.eventId = ''; }", 'TS2540'],
  ["export function f(input: Input<'NODE_HEARTBEAT'>) { input.payload.nodeId = ''; }", 'TS2540'],
  ["export function f(input: Input<'NODE_INTROSPECTION'>) { input.payload.metadata['x'] = 1; }", 'TS2542'],
  ["export function f(input: Input<'REGISTRATION_FAILED'>) { input.payload.confirmed.push('consul'); }", 'TS2339'],
] as const;

/** For the compiler without ambient types; `rule` is the code of its error. */
export const PURITY_TYPE_PLANTS: readonly Plant[] = [
  ...['src/reducer', 'src/orchestrator'].flatMap((folder) => [
    inside(folder, 'export const value = process.pid;', 'TS2591'),
    inside(folder, "export const value = Buffer.from('x');", 'TS2591'),
    inside(folder, 'console.log(1);', 'TS2584'),
    inside(folder, 'export const value = setTimeout(() => undefined, 1);', 'TS2304'),
    inside(folder, 'export const value = crypto.randomUUID();', 'TS2304'),
    inside(folder, "export const value = fetch('x');", 'TS2304'),
    inside(folder, 'export const value = performance.now();', 'TS2304'),
    inside(folder, "export { readFileSync } from 'node:fs';", 'TS2307'),
    inside(folder, "import 'node:fs';", 'TS2307'),
    ...WRITES.map(([text, code]) => inside(folder, `${MESSAGE}${text}`, code, text)),
    inside(folder, "export type { Message } from '../messages/catalogue.js';", null),
    inside(`${folder}/a.module.ts`, 'export const value = process.pid;', null),
  ]),
  inside('src/orchestrator', "export { canonicalHash } from '../messages/index.js';", null),
];
