import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually, type Desk } from '../desk.js';
import { LONG_ID } from '../large-fleet.js';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/** Each with what is there once it is whole. */
const PAGES: readonly [path: string, shows: readonly string[]][] = [
  ['/', ['[data-type]', '.grid-row[data-node]']],
  [`/nodes/${LONG_ID}`, ['.reasons', '.facts', '.sides', '.step']],
  ['/nodes/stranger-00003', ['.reasons', '.facts', '.step']],
  ['/register', ['.fields']],
  ['/drift', ['.counts']],
  ['/dead-letters', ['tr[data-letter]']],
  ['/health', ['[data-count=active]', '.table tbody tr']],
  ['/nowhere', ['.empty']],
];

/** In pixels. */
const WIDTHS = [360, 768, 1024, 1440] as const;

type Violation = { id: string; help: string; nodes: { html: string; failureSummary: string }[] };

async function violations(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const found = await page.evaluate<Violation[]>(
    `axe.run({ runOnly: ${JSON.stringify(WCAG)} }).then(({ violations }) => violations)`,
  );
  return found.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`,
  );
}

/** Everything that was to come is there. */
async function isSettled(page: Page, shows: readonly string[]): Promise<void> {
  for (const one of shows) await page.locator(one).first().waitFor();
  await eventually(async () => expect(await page.locator('.loading, .skeleton').count()).toBe(0));
}

/** What changes just then is looked at again. */
async function hasNoViolations(page: Page): Promise<void> {
  await eventually(async () => expect(await violations(page)).toEqual([]));
}

/**
 * Elements with text of their own that stick out of the page, or lie upon one another. What is cut with an ellipsis has its room;
 * what scrolls within a box of its own may be wider than it.
 */
const OVERLAPS = `(() => {
  const shown = [...document.querySelectorAll('main *, header.top *')].filter((element) => {
    if (element.closest('.hidden, .scroll, .grid, dialog, option, .skip')) return false;
    const hasText = [...element.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim() !== '');
    const { width, height } = element.getBoundingClientRect();
    return hasText && width > 0 && height > 0 && element.checkVisibility({ visibilityProperty: true });
  });
  const name = (element) => element.tagName + '.' + element.className + ' ' + element.textContent.slice(0, 40);
  const problems = [];
  if (document.documentElement.scrollWidth > innerWidth) problems.push('the page is wider than the window: ' + document.documentElement.scrollWidth);
  const boxes = shown.map((element) => ({ element, box: element.getBoundingClientRect() }));
  for (const { element, box } of boxes) if (box.right > innerWidth + 1) problems.push('sticks out: ' + name(element));
  for (let a = 0; a < boxes.length; a += 1) {
    for (let b = a + 1; b < boxes.length; b += 1) {
      const [one, other] = [boxes[a], boxes[b]];
      if (one.element.contains(other.element) || other.element.contains(one.element)) continue;
      const wide = Math.min(one.box.right, other.box.right) - Math.max(one.box.left, other.box.left);
      const high = Math.min(one.box.bottom, other.box.bottom) - Math.max(one.box.top, other.box.top);
      if (wide > 2 && high > 4) problems.push('overlap: ' + name(one.element) + ' | ' + name(other.element));
    }
  }
  return problems.slice(0, 10);
})()`;

export function accessibilitySuite(desk: Desk): void {
  describe.each(PAGES)('%s', (path, shows) => {
    it('has nothing for axe to find, in light and in dark', async () => {
      const page = await desk.open(path);
      await isSettled(page, shows);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        await eventually(async () => expect([colorScheme, await violations(page)]).toEqual([colorScheme, []]));
      }
    });

    it('has room for all of it, however wide it is', async () => {
      const page = await desk.open(path);
      await isSettled(page, shows);
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: 800 });
        await eventually(async () => {
          expect(await page.evaluate('innerWidth')).toBe(width);
          expect([width, await page.evaluate(OVERLAPS)]).toEqual([width, []]);
        });
      }
    });
  });

  it('what opens has nothing for axe to find, either', async () => {
    const page = await desk.open('/nodes/flow-runner-00007');
    await page.locator('.step summary').first().click();
    await page.locator('.step-body').first().waitFor();
    await hasNoViolations(page);
    await page.getByRole('button', { name: 'Deregister…' }).click();
    await page.getByRole('dialog').waitFor();
    await hasNoViolations(page);
    await desk.open('/?asOf=2026-01-01T00:00:00Z', page);
    await page.getByText('No node was known then').waitFor();
    await hasNoViolations(page);
    await desk.open('/register', page);
    await page.getByRole('button', { name: 'Register', exact: true }).click();
    await page.locator('.field-error').first().waitFor();
    await hasNoViolations(page);
  });

  it('colours follow the switch, and stay chosen', async () => {
    const page = await desk.open('/health');
    const ground = () => page.evaluate('getComputedStyle(document.body).backgroundColor');
    const light = await ground();
    await page.getByLabel('Colours').selectOption('dark');
    await eventually(async () => expect(await ground()).not.toBe(light));
    await page.reload();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await eventually(async () => expect(await ground()).not.toBe(light));
    await page.getByLabel('Colours').selectOption('light');
    await eventually(async () => expect(await ground()).toBe(light));
  });
}
