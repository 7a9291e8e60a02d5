import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually, numberIn, searchIs, type Desk } from '../desk.js';

type Stats = {
  registryStats: {
    total: number;
    byState: { state: string; count: number }[];
    byType: { nodeType: string | null; count: number }[];
  };
};
type Counted = { nodes: { totalCount: number } };

/** Key by key through hundreds of rows, on a machine that has other work to do. */
const LONG_LIST_MS = 240_000;

const STATS = '{ registryStats { total byState { state count } byType { nodeType count } } }';

/** Ids of the rows that are in the page, in their order. */
async function rowIds(page: Page): Promise<readonly string[]> {
  const rows = page.locator('.grid-body .grid-row[data-node]');
  const found = await rows.evaluateAll((elements) =>
    (elements as unknown as { dataset: { node: string }; getAttribute: (name: string) => string }[]).map(
      (row) => [Number(row.getAttribute('aria-rowindex')), row.dataset.node] as const,
    ),
  );
  return found.sort(([a], [b]) => a - b).map(([, id]) => id);
}

/** States with their numbers, all at one moment. */
async function tilesOf(page: Page): Promise<readonly (readonly [state: string, count: number])[]> {
  const found = await page
    .locator('[data-state]')
    .evaluateAll((tiles) =>
      (tiles as unknown as { dataset: { state: string }; textContent: string }[]).map(
        (tile) => [tile.dataset.state, tile.textContent] as const,
      ),
    );
  return found.map(([state, text]) => [state, numberIn(text)]);
}

export async function listTotal(page: Page): Promise<number> {
  return numberIn(await page.locator('[data-total=list]').textContent());
}

export function fleetSuite(desk: Desk): void {
  describe('the fleet', () => {
    it('has the numbers of the API, every one of them', async () => {
      const page = await desk.open('');
      await eventually(async () => {
        const { registryStats: stats } = await desk.graphql<Stats>(STATS);
        expect(stats.total).toBeGreaterThanOrEqual(10_000);
        expect(numberIn(await page.locator('[data-total=all]').textContent())).toBe(stats.total);
        expect(await listTotal(page)).toBe(stats.total);
        const known = new Map(stats.byState.map(({ state, count }) => [state, count]));
        const tiles = await tilesOf(page);
        expect(tiles.length).toBeGreaterThanOrEqual(5);
        expect(tiles).toEqual(tiles.map(([state]) => [state, known.get(state)]));
        for (const { nodeType, count } of stats.byType) {
          if (nodeType === null && count === 0) continue;
          const cell = page.locator(`[data-type=${nodeType ?? 'none'}]`);
          expect(numberIn(await cell.textContent())).toBe(count);
        }
      });
    });

    it('is listed to its end, row by row as the API has it, with few of them in the page', async () => {
      const page = await desk.open('/?type=orchestrator');
      const { items } = await desk.get<{ items: { nodeId: string }[] }>('/v1/nodes?nodeType=orchestrator&limit=1000');
      const expected = items.map(({ nodeId }) => nodeId);
      expect(expected.length).toBeGreaterThan(800);
      const seen = new Set<string>();
      const grid = page.getByRole('grid');
      await page.locator('.grid-row[data-node]').first().waitFor();
      await grid.focus();
      await eventually(async () => {
        // Nothing is passed over that has not been scrolled to, or read.
        expect(await grid.getAttribute('aria-activedescendant')).not.toBeNull();
        expect(await page.locator('.grid-row[aria-busy=true]').count()).toBe(0);
        for (const id of await rowIds(page)) seen.add(id);
        await grid.press('PageDown');
        expect(await page.locator('.grid-row').count()).toBeLessThan(80);
        expect(seen.size).toBe(expected.length);
      }, LONG_LIST_MS);
      expect([...seen].sort()).toEqual([...expected].sort());
      await eventually(async () => expect(await listTotal(page)).toBe(expected.length));
      await eventually(async () => {
        const last = await rowIds(page);
        expect(last).not.toEqual([]);
        expect(last).toEqual(expected.slice(-last.length));
      });
    });

    it('is searched by the server, and the address holds what is searched for', async () => {
      const page = await desk.open('');
      await page.getByLabel('Search').fill('gpu-0004');
      await page.getByLabel('State', { exact: true }).selectOption('active');
      const { nodes } = await desk.graphql<Counted>(
        '{ nodes(first: 1, filter: { q: "gpu-0004", state: active }) { totalCount } }',
      );
      await eventually(async () => expect(await listTotal(page)).toBe(nodes.totalCount));
      await page.locator('.grid-row[data-node]').first().waitFor();
      for (const id of await rowIds(page)) expect(id).toContain('gpu-0004');
      await searchIs(page, '?q=gpu-0004&state=active');
      await page.reload();
      await eventually(async () => expect(await page.getByLabel('Search').inputValue()).toBe('gpu-0004'));
      await eventually(async () => expect(await listTotal(page)).toBe(nodes.totalCount));
      await page.getByRole('button', { name: 'Clear' }).click();
      await eventually(async () => expect(await listTotal(page)).toBeGreaterThan(9000));
      await searchIs(page, '');
      await page.goBack();
      await eventually(async () => expect(await page.getByLabel('Search').inputValue()).toBe('gpu-0004'));
    });

    it('asks once for what was typed in one go, and shows the answer to the last', async () => {
      const { page } = desk;
      await page.clock.install();
      await desk.open('', page);
      const asked: string[] = [];
      page.on('request', (request) => {
        const q = /"q":"([^"]*)"/.exec(request.postData() ?? '')?.[1];
        if (q !== undefined) asked.push(q);
      });
      // By a clock that stands still when the machine does.
      await page.clock.pauseAt(Date.now() + 3600_000);
      for (const letter of 'flow-runner-00042') {
        await page.getByLabel('Search').press(letter);
        await page.clock.runFor(50);
      }
      await page.clock.resume();
      await eventually(async () => expect(await listTotal(page)).toBe(1));
      await eventually(async () => expect(await rowIds(page)).toEqual(['flow-runner-00042']));
      expect(new Set(asked)).toEqual(new Set(['flow-runner-00042']));
    });

    it('is narrowed by its numbers and by a capability', async () => {
      const page = await desk.open('');
      await page
        .getByRole('group', { name: 'By state' })
        .getByRole('button', { name: /Deregistered/ })
        .click();
      await eventually(async () => expect(await listTotal(page)).toBe(550));
      await page
        .getByRole('group', { name: 'By type' })
        .getByRole('button', { name: /effect/ })
        .click();
      await searchIs(page, '?state=deregistered&type=effect');
      await page.getByRole('button', { name: 'Clear' }).click();
      await page.getByLabel('Capability').fill('vat.eu');
      await eventually(async () => expect(await listTotal(page)).toBe(3998));
    });

    it('says what to do where nothing is found', async () => {
      const page = await desk.open('/?q=nobody-is-called-so');
      await page.getByText('No node passes these filters').waitFor();
      await page.getByRole('button', { name: 'Clear the filters' }).click();
      await eventually(async () => expect(await listTotal(page)).toBeGreaterThan(9000));
    });

    it('says what is wrong when the registry fails, and recovers', async () => {
      const page = desk.page;
      let isAway = true;
      let comeBack: () => void = () => undefined;
      const back = new Promise<void>((resolve) => (comeBack = resolve));
      await page.route('**/graphql', async (route) => {
        if (isAway) return route.abort();
        await back;
        return route.continue();
      });
      await desk.open('', page);
      const list = page.locator('.fleet-list');
      await list.getByText('The registry does not answer').waitFor();
      // The page tries again by itself, too: nothing is answered before the button was found.
      isAway = false;
      await list.getByRole('button', { name: 'Try again' }).click();
      comeBack();
      await eventually(async () => expect(await listTotal(page)).toBeGreaterThan(9000));
    });
  });
}
