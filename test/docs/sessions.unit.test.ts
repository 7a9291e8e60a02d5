import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { build, Rollcall } from '../e2e/rollcall.js';
import { blocksOf, exchangesOf, type Exchange } from './markdown.js';
import { differences } from './matcher.js';
import { page } from './pages.js';
import { LISTEN_UP_TO_DATE, runCommands, type Ran } from './shell.js';

/** Where the pages say that Rollcall is. */
const DOCUMENTED = 'http://127.0.0.1:3000';
/** For all the commands of a page, on a machine that has other work to do. */
const COMMANDS_MS = 240_000;
/** And for the build and the start before them. */
const TIMEOUT_MS = 600_000;
/** The longest that the API lets a request wait, where the page has `wait=10`. */
const WAIT = ['wait=10', 'wait=30'] as const;
/** A part that did not answer for seconds is told for a moment, and the page shows a registry that is well. */
const HEALTHY = `until curl -s "$ROLLCALL_URL/health" | grep -q '^{"status":"healthy"'; do sleep 0.2; done`;

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
    // However slow the machine is, the node of the page is not taken for dead between two of its lines, nor accepted by halves.
    const patience = String(TIMEOUT_MS);
    rollcall = await Rollcall.startEmbedded({ LIVENESS_WINDOW_MS: patience, DEGRADED_ACCEPT_AFTER_MS: patience });
    const { url } = rollcall;
    const commands = exchanges.map((exchange) => patient(exchange.commands).replaceAll(DOCUMENTED, url));
    const stop = AbortSignal.timeout(COMMANDS_MS);
    const results = await runCommands(commands, { env: { ROLLCALL_URL: url }, stop });
    for (const [index, exchange] of exchanges.entries()) ran.set(exchange, results[index] ?? null);
  });
  afterAll(() => rollcall?.stop());

  it('are there', () => {
    expect(exchanges.some(({ answer }) => answer !== null)).toBe(true);
  });

  it.each(exchanges.map((exchange) => [exchange.name, exchange] as const))('%s', (_name, exchange) => {
    const result = ran.get(exchange) ?? 'these commands, or those before them, came to no end';
    if (typeof result === 'string') throw new Error(result);
    const output = result.output.replaceAll(rollcall?.url ?? DOCUMENTED, DOCUMENTED).replaceAll(WAIT[1], WAIT[0]);
    const found = exchange.answer === null ? [] : differences(exchange.answer, output);
    // What bash itself could not do: curl is silent, and progress of a fleet is no error.
    const broken = result.errors.split('\n').filter((line) => /\.sh: line \d+:/.test(line));
    expect([...found, ...broken]).toEqual([]);
  });
});

/** The commands of a page, which are written for a machine that has nothing else to do. */
function patient(commands: string): string {
  const asked = commands.replaceAll('curl -sN --max-time 2', LISTEN_UP_TO_DATE).replaceAll(...WAIT);
  return /\/health\b|rollcall doctor/.test(commands) ? `${HEALTHY}\n${asked}` : asked;
}
