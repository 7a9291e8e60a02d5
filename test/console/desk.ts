import { afterAll, afterEach, beforeAll, beforeEach, expect } from '@jest/globals';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { build } from '../e2e/rollcall.js';
import { launch } from './chromium.js';
import { startLargeFleet, type LargeFleet } from './large-fleet.js';

/** Nodes that owe heartbeats are taken for dead this soon: not because the machine stood still for some seconds. */
export const LIVENESS_WINDOW_MS = 15_000;
/** On a machine that has other work to do, and with all of it to be built first. */
const START_TIMEOUT_MS = 420_000;
/** For one thing that a page is to have. */
const WAIT_MS = 60_000;

/** A browser in front of a registry with 10,000 nodes; a page of its own for each test. */
export class Desk {
  private fleet: LargeFleet | undefined;
  private browser: Browser | undefined;
  private opened: Page | undefined;
  /** What the browser complained of: errors of scripts, and whatever the policy of the page refused. */
  private complaints: string[] = [];

  /** Registers with Jest what has to be done before and after. */
  prepare(): this {
    beforeAll(async () => {
      await build();
      [this.browser, this.fleet] = await Promise.all([
        launch(),
        startLargeFleet({
          LIVENESS_WINDOW_MS: String(LIVENESS_WINDOW_MS),
          HEARTBEAT_INTERVAL_MS: '1000',
          DRIFT_AUDIT_INTERVAL_MS: '2000',
          // Nobody is accepted without a backend that is only slow.
          DEGRADED_ACCEPT_AFTER_MS: '600000',
        }),
      ]);
    }, START_TIMEOUT_MS);
    beforeEach(async () => {
      this.opened = await this.newPage();
    });
    afterEach(async () => {
      // A request that is on its way to a handler of the test would fail there.
      await this.opened?.unrouteAll({ behavior: 'ignoreErrors' });
      await this.opened?.context().close();
      expect(this.complaints.splice(0)).toEqual([]);
    });
    afterAll(async () => {
      await this.browser?.close();
      await this.fleet?.close();
    });
    return this;
  }

  get url(): string {
    if (this.fleet === undefined) throw new Error('the registry has not been started');
    return this.fleet.rollcall.url;
  }

  get page(): Page {
    if (this.opened === undefined) throw new Error('no page is open');
    return this.opened;
  }

  /** A page in a profile of its own. */
  async newPage(options: BrowserContextOptions = {}): Promise<Page> {
    if (this.browser === undefined) throw new Error('no browser was started');
    const context = await this.browser.newContext({
      viewport: { width: 1440, height: 900 },
      reducedMotion: 'reduce',
      ...options,
    });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      // That a resource is missing, or refused, is an answer that the console knows how to take.
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
        this.complaints.push(message.text());
    });
    return page;
  }

  /** Opens a page of the console. */
  async open(path: string, page: Page = this.page): Promise<Page> {
    await page.goto(`${this.url}/console${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  }

  async get<T>(path: string): Promise<T> {
    return (await (await fetch(`${this.url}${path}`)).json()) as T;
  }

  async graphql<T>(query: string): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
    const { data, errors } = (await response.json()) as { data: T; errors?: unknown };
    if (errors !== undefined) throw new Error(JSON.stringify(errors));
    return data;
  }
}

/** Where in the fleet a page is: what stands in its address behind the question mark. */
export async function searchIs(page: Page, search: string): Promise<void> {
  await eventually(async () => expect(new URL(page.url()).search).toBe(search));
}

/** A number as the console writes it. */
export function numberIn(text: string | null): number {
  return Number((text ?? '').replaceAll(/[,\s]/g, ''));
}

/**
 * Asks until the expectation holds; what the page shows follows what the registry knows, a little later. That is longer than what the
 * expectation itself waits for an element.
 */
export async function eventually(check: () => Promise<void>, withinMs = 2 * WAIT_MS): Promise<void> {
  const end = Date.now() + withinMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
