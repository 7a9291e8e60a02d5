import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { build, Rollcall } from '../e2e/rollcall.js';
import { blocksOf, exchangesOf, type Exchange } from './markdown.js';
import { differences } from './matcher.js';
import { page } from './pages.js';
import { runCommands, type Ran } from './shell.js';

/** Where the pages say that Rollcall is. */
const DOCUMENTED = 'http://127.0.0.1:3000';
const TIMEOUT_MS = 120_000;

jest.setTimeout(TIMEOUT_MS);

/** The part of the README that is run beside a Rollcall; the steps before it start one: first-minutes.stack.test.ts. */
const RUN_IN_README = ['A fleet'];
const readme = blocksOf(page('README.md')).filter(({ heading }) => RUN_IN_README.includes(heading));
const SESSIONS: readonly (readonly [string, readonly Exchange[]])[] = [
  ['docs/api.md', exchangesOf(blocksOf(page('docs/api.md')))],
  ['docs/cli.md', exchangesOf(blocksOf(page('docs/cli.md')))],
  ['README.md', exchangesOf(readme)],
];

describe.each(SESSIONS)('the commands of %s, beside a Rollcall with nothing else', (_, exchanges) => {
  let rollcall: Rollcall | undefined;
  const ran = new Map<Exchange, Ran>();

  beforeAll(async () => {
    await build();
    // However slow the machine is, the node of the page is not taken for dead between two of its lines.
    rollcall = await Rollcall.startEmbedded({ LIVENESS_WINDOW_MS: String(TIMEOUT_MS) });
    const { url } = rollcall;
    const commands = exchanges.map((exchange) => exchange.commands.replaceAll(DOCUMENTED, url));
    const results = await runCommands(commands, { env: { ROLLCALL_URL: url }, timeoutMs: TIMEOUT_MS / 2 });
    for (const [index, exchange] of exchanges.entries()) ran.set(exchange, results[index] ?? null);
  });
  afterAll(() => rollcall?.stop());

  it('are there', () => {
    expect(exchanges.some(({ answer }) => answer !== null)).toBe(true);
  });

  it.each(exchanges.map((exchange) => [exchange.name, exchange] as const))('%s', (_name, exchange) => {
    const result = ran.get(exchange) ?? 'these commands, or those before them, came to no end';
    if (typeof result === 'string') throw new Error(result);
    const output = result.output.replaceAll(rollcall?.url ?? DOCUMENTED, DOCUMENTED);
    const found = exchange.answer === null ? [] : differences(exchange.answer, output);
    // What bash itself could not do: curl is silent, and progress of a fleet is no error.
    const broken = result.errors.split('\n').filter((line) => /\.sh: line \d+:/.test(line));
    expect([...found, ...broken]).toEqual([]);
  });
});
