import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { describeBrowser, launch } from '../console/chromium.js';
import { get, passing, type NodeDocument } from '../e2e/both/api.js';
import { freePort } from '../e2e/both/place.js';
import { until } from '../support/stack.js';
import { blocksOf, exchangesOf } from './markdown.js';
import { differences } from './matcher.js';
import { page as pageOf } from './pages.js';
import { ROOT } from './shell.js';
import { Terminal } from './terminal.js';

/** Also for the build, where nobody has built yet. */
const START_TIMEOUT_MS = 180_000;
/** For one step, on a machine that has other work to do. */
const WITHIN_MS = 60_000;
/** The README says how long silence takes by default; here it is a tenth of that. */
const SOONER = { LIVENESS_WINDOW_MS: '3000', HEARTBEAT_INTERVAL_MS: '1000' };

const blocks = blocksOf(pageOf('README.md')).filter(({ heading }) => heading === 'Start in five minutes');
const steps = exchangesOf(blocks);
const addresses = [
  ...pageOf('README.md').matchAll(/Open the \[console\]\(\S+\), `http:\/\/127\.0\.0\.1:3000([^`]*)`/g),
];

describeBrowser('the first five minutes, as the README has them', () => {
  let url = '';
  let dataDir = '';
  let terminals: readonly [Terminal, Terminal];
  let browser: Browser;
  let console: Page;
  let taken = 0;

  beforeAll(async () => {
    const port = String(await freePort());
    url = `http://127.0.0.1:${port}`;
    dataDir = await mkdtemp(join(tmpdir(), 'rollcall-readme-'));
    const environment = { PORT: port, DATA_DIR: join(dataDir, 'data'), ROLLCALL_URL: url, ...SOONER };
    terminals = [Terminal.open(environment), Terminal.open(environment)];
  });
  afterAll(async () => {
    await browser?.close();
    for (const terminal of terminals ?? []) await terminal.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  /** Does the next step of the page, which has to be the one that the test is about, and sees the answer that the page has for it. */
  async function take(commands: string, terminal: Terminal): Promise<void> {
    const step = steps[taken++];
    expect(step?.commands).toBe(commands);
    terminal.enter(commands);
    const { answer } = step ?? {};
    if (!answer) return;
    await until(() => differences(answer, terminal.shown).length === 0, {
      timeoutMs: WITHIN_MS,
      what: `${commands}: ${answer.text}`,
    }).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${terminal.tail()}`);
    });
  }

  /** The node is in this state, says the registry, and says the console that was opened before and never loaded again. */
  async function isSeen(state: string, label: string): Promise<void> {
    await until(async () => (await node()).state === state, { timeoutMs: WITHIN_MS, what: state });
    const badge = console.locator('.grid-row[data-node="hello-1"] .badge');
    await until(async () => (await badge.allTextContents()).join() === label, {
      timeoutMs: WITHIN_MS,
      what: `${label} on the console`,
    });
  }

  const node = () => get<NodeDocument>(`${url}/v1/nodes/hello-1`).then(({ body }) => body);
  const found = () => passing(`${url}/consul`, 'rollcall');
  /** It is active first, and then the backends hear of it. */
  const isFound = () =>
    until(async () => (await found()).join() === 'hello-1', { timeoutMs: WITHIN_MS, what: 'hello-1 to be found' });

  it(
    'the registry starts, and its console shows that nobody is there',
    async () => {
      const opened = launch();
      await take('npm ci && npm start', terminals[0]);
      const isReady = () =>
        fetch(`${url}/health/ready`).then(
          ({ status }) => status === 200,
          () => false,
        );
      await until(isReady, { timeoutMs: START_TIMEOUT_MS - 10_000, what: 'ready' }).catch((error: unknown) => {
        throw new Error(`${String(error)}\n${terminals[0].tail()}`);
      });
      browser = await opened;
      console = await browser.newPage();
      console.setDefaultTimeout(WITHIN_MS);
      await console.goto(`${url}${addresses[0]?.[1] ?? '/nowhere'}`);
      await console.getByText('No node has announced itself yet').waitFor();
    },
    START_TIMEOUT_MS,
  );

  it('a node is written as the page has it, and is active, found, and on the console', async () => {
    const [program] = blocks.filter(({ language }) => language === 'js');
    expect(program?.text).toBe(readFileSync(join(ROOT, 'examples/hello.mjs'), 'utf8').trimEnd());
    await take('node examples/hello.mjs &', terminals[1]);
    await isSeen('active', 'Active');
    await isFound();
    await until(async () => (await node())['lastHeartbeatAt'] !== null, { timeoutMs: WITHIN_MS, what: 'a heartbeat' });
  });

  it('it dies without a word: it expires, nobody finds it, and the registry says why', async () => {
    await take('kill -9 $!', terminals[1]);
    await isSeen('liveness_expired', 'Expired');
    await until(async () => (await found()).length === 0, { timeoutMs: WITHIN_MS, what: 'nobody to be found' });
    await take('npm run --silent rollcall -- nodes explain hello-1', terminals[1]);
  });

  it('it returns, as another incarnation', async () => {
    const before = await node();
    await take('node examples/hello.mjs &', terminals[1]);
    await isSeen('active', 'Active');
    await isFound();
    expect(Number((await node()).incarnation)).toBeGreaterThan(Number(before.incarnation));
  });

  it('it says goodbye, and that was all that the page asks for', async () => {
    await take('kill $!', terminals[1]);
    await isSeen('deregistered', 'Deregistered');
    expect(steps.length).toBe(taken);
  });
});
