import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { describeBrowser } from './chromium.js';
import { Desk, eventually } from './desk.js';
import { post } from './large-fleet.js';

const IMAGES = new URL('../../docs/images', import.meta.url).pathname;

type Picture = {
  readonly name: string;
  readonly path: string;
  /** Something that is there once the page is whole. */
  readonly shows: string;
  readonly before?: (page: Page) => Promise<void>;
  readonly isWhole?: boolean;
};

const PICTURES: readonly Picture[] = [
  {
    name: 'fleet',
    path: '/',
    shows: '.grid-row[data-node]',
    before: async (page) => {
      await page.locator('.type').first().waitFor();
    },
  },
  {
    name: 'node',
    path: '/nodes/checkout-eu-1',
    shows: '.step',
    before: (page) => page.locator('.step summary').nth(1).click(),
    isWhole: true,
  },
  {
    name: 'register',
    path: '/register',
    shows: '.fields',
    before: async (page) => {
      await page.getByLabel('Id', { exact: true }).fill('-billing-7');
      await page.getByLabel('Version').fill('1.4');
      await page.getByLabel('Capabilities').fill('invoices, refunds');
      await page.getByLabel('Endpoints').fill('api http://10.0.0.7:8080');
      await page.getByRole('button', { name: 'Register', exact: true }).click();
      await page.locator('.field-error').first().waitFor();
    },
  },
  { name: 'drift', path: '/drift', shows: '.table tbody tr' },
  { name: 'dead-letters', path: '/dead-letters', shows: 'tr[data-letter]' },
  { name: 'health', path: '/health', shows: '.facts', isWhole: true },
];

const LOOKS = [
  { look: 'light', options: { colorScheme: 'light', viewport: { width: 1440, height: 900 } } },
  { look: 'dark', options: { colorScheme: 'dark', viewport: { width: 1440, height: 900 } } },
  { look: 'narrow', options: { colorScheme: 'light', viewport: { width: 360, height: 780 }, deviceScaleFactor: 2 } },
] as const;

/** The pictures of docs/console.md. They are taken when somebody asks for them: `npm run screenshots`. */
if (process.env['SCREENSHOTS'] === '1') {
  describeBrowser('screenshots', () => {
    const desk = new Desk().prepare();

    it('are taken of every page', async () => {
      await mkdir(IMAGES, { recursive: true });
      const beats = await aLittleLife(desk);
      for (const { look, options } of LOOKS) {
        const page = await desk.newPage(options);
        for (const { name, path, shows, before, isWhole = false } of PICTURES) {
          await desk.open(path, page);
          await page.locator(shows).first().waitFor();
          await before?.(page);
          await eventually(async () => expect(await page.locator('.loading, .skeleton').count()).toBe(0));
          await page.evaluate('scrollTo(0, 0)');
          await page.screenshot({
            path: join(IMAGES, `console-${name}-${look}.png`),
            fullPage: isWhole && look !== 'narrow',
          });
        }
        await page.context().close();
      }
      clearInterval(beats);
      const page = await desk.open(
        `/?asOf=${encodeURIComponent(new Date(Date.now() - 20_000).toISOString())}&state=active`,
      );
      await page.locator('.grid-row[data-node]').first().waitFor();
      await eventually(async () => expect(await page.locator('.loading, .skeleton, .is-old').count()).toBe(0));
      await page.locator('[data-total="all"]').getByText(/\d/).waitFor();
      await page.screenshot({ path: join(IMAGES, 'console-past-light.png') });
    }, 240_000);
  });
} else {
  it('are taken by npm run screenshots', () => {
    expect(PICTURES.length).toBeGreaterThan(0);
  });
}

/** So that there is something to see: a node that registers, changes, and acknowledges. */
async function aLittleLife(desk: Desk): Promise<ReturnType<typeof setInterval>> {
  const node = `/v1/nodes/checkout-eu-1`;
  const record = {
    nodeType: 'effect',
    nodeVersion: '4.2.0',
    incarnation: 1,
    endpoints: { api: 'http://10.0.3.14:8080' },
  };
  await post(desk.url, `${node}/introspection`, {
    ...record,
    capabilities: ['checkout', 'vat.eu'],
    metadata: { team: 'shop', zone: 'eu-west-1b' },
  });
  await eventually(async () => expect(await desk.get(node)).toMatchObject({ state: 'awaiting_ack' }));
  await post(desk.url, `${node}/ack`, {});
  await eventually(async () => expect(await desk.get(node)).toMatchObject({ state: 'active' }));
  await post(desk.url, '/v1/nodes', {
    nodeId: 'checkout-eu-1',
    ...record,
    reason: 'capability_change',
    capabilities: ['checkout', 'vat.eu', 'gift-cards'],
  });
  return setInterval(() => void post(desk.url, `${node}/heartbeat`, {}).catch(() => undefined), 500);
}
