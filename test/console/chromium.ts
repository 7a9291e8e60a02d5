import { existsSync } from 'node:fs';
import { describe, it, jest } from '@jest/globals';
import { chromium, type Browser } from 'playwright-core';

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const HOW_TO_INSTALL = 'npm run browser (as root on Debian), or CHROMIUM_PATH=… where there is one';
/** On a machine that has other work to do, where each of several waits may take long. */
const TIMEOUT_MS = 300_000;
const LAUNCH_WITHIN_MS = 120_000;

/** A Chromium of this machine: the one that is named, Debian's, or Playwright's own. Null where there is none. */
export function chromiumPath(): string | null {
  const named = process.env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return named;
  return [...PLACES, chromium.executablePath()].find((path) => existsSync(path)) ?? null;
}

export async function launch(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === null) throw new Error(`there is no Chromium. Try: ${HOW_TO_INSTALL}`);
  // Chromium refuses its own sandbox to root; it opens nothing but our own pages.
  const args = ['--no-sandbox', '--disable-dev-shm-usage'];
  return chromium.launch({ executablePath, args, timeout: LAUNCH_WITHIN_MS });
}

/** A `describe` that needs a browser: skipped without one, as suites without their servers are; under REQUIRE_STACK=1 it fails. */
export function describeBrowser(name: string, fn: () => void): void {
  jest.setTimeout(TIMEOUT_MS);
  if (chromiumPath() !== null) describe(name, fn);
  else if (process.env['REQUIRE_STACK'] === '1') {
    describe(name, () => {
      it('has a browser', () => {
        throw new Error(`there is no Chromium, and REQUIRE_STACK=1 forbids to skip. Try: ${HOW_TO_INSTALL}`);
      });
    });
  } else describe.skip(`${name} [skipped: CHROMIUM_PATH not set]`, fn); // read by scripts/jest-skipped.mjs
}
