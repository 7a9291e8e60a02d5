import type { Place } from './place.js';

/** What a call is for, with its colour: light enough for dark letters. In the order of tables and legends. */
export const GROUPS = {
  'garbage collection': '#bcbcbc',
  'socket writes': '#ee9a9a',
  kafkajs: '#f5c451',
  pg: '#8dbbe8',
  'undici and Consul': '#d8a2d6',
  deciding: '#7fcfa4',
  'encoding and decoding': '#bbdc72',
  'journal parameters': '#9bdde0',
  'copies and local delivery': '#d9c79b',
  'lanes and step loop': '#f3aa7c',
  rest: '#d3d4ea',
} as const;

export type Group = keyof typeof GROUPS;

export const GROUP_NAMES = Object.keys(GROUPS) as readonly Group[];

/** Where the bytes leave for the kernel; the same call for all three servers. */
const SOCKET_WRITES: ReadonlySet<string> = new Set(['writev', 'writeBuffer', 'writeUtf8String', 'writeLatin1String', 'writeAsciiString']); // prettier-ignore

/** The first that fits counts. */
const OF_PATHS: readonly (readonly [kind: Place['kind'], path: RegExp, group: Group])[] = [
  ['own', /^runtime\/lanes\/local-delivery\./, 'copies and local delivery'],
  ['own', /^runtime\/lanes\/(decide-batch|step|machine)\.|^(orchestrator|reducer)\//, 'deciding'],
  ['own', /^messages\/|^runtime\/lanes\/intake\./, 'encoding and decoding'],
  ['own', /^runtime\/lanes\//, 'lanes and step loop'],
  ['own', /^runtime\/journal\//, 'journal parameters'],
  ['own', /^runtime\/kafka\//, 'kafkajs'],
  ['own', /^registry-effect\/postgres\//, 'pg'],
  ['own', /^registry-effect\//, 'undici and Consul'],
  ['package', /^kafkajs\//, 'kafkajs'],
  ['package', /^(pg|pg-[a-z-]+|postgres-[a-z-]+)\//, 'pg'],
  ['package', /^(undici|consul|cockatiel)\//, 'undici and Consul'],
  ['node', /^node:internal\/deps\/undici\//, 'undici and Consul'],
];

/** What is of Node.js or V8 itself is done for whoever called it. */
export function groupOf(functionName: string, { kind, path }: Place, caller: Group): Group {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (kind === 'native' && SOCKET_WRITES.has(functionName)) return 'socket writes';
  const rule = OF_PATHS.find(([of, pattern]) => of === kind && pattern.test(path));
  if (rule !== undefined) return rule[2];
  return kind === 'node' || kind === 'native' ? caller : 'rest';
}
