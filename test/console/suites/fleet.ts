import { describe, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { eventually, numberIn, type Desk } from '../desk.js';

type Stats = {
  registryStats: {
    total: number;
    byState: { state: string; count: number }[];
    byType: { nodeType: string | null; count: number }[];
  };
};
type Counted = { nodes: { totalCount: number } };

/** Key by key through hundreds of rows, on a machine that has other work to do. */
const LONG_LIST_MS = 110_000;

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
        for (const tile of await page.locator('[data-state]').all()) {
          expect(numberIn(await tile.textContent())).toBe(known.get((await tile.getAttribute('data-state')) ?? ''));
        }
        const shown = await page.locator('[data-state]').evaluateAll((tiles) => tiles.length);
        expect(shown).toBeGreaterThanOrEqual(5);
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
        for (const id of await rowIds(page)) seen.add(id);
        await grid.press('PageDown');
        expect(await page.locator('.grid-row').count()).toBeLessThan(80);
        expect(seen.size).toBe(expected.length);
      }, LONG_LIST_MS);
      expect([...seen].sort()).toEqual([...expected].sort());
      expect(await listTotal(page)).toBe(expected.length);
      expect(await rowIds(page)).toEqual(expected.slice(-(await rowIds(page)).length));
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
      expect(new URL(page.url()).search).toBe('?q=gpu-0004&state=active');
      await page.reload();
      expect(await page.getByLabel('Search').inputValue()).toBe('gpu-0004');
      await eventually(async () => expect(await listTotal(page)).toBe(nodes.totalCount));
      await page.getByRole('button', { name: 'Clear' }).click();
      await eventually(async () => expect(await listTotal(page)).toBeGreaterThan(9000));
      expect(new URL(page.url()).search).toBe('');
      await page.goBack();
      await eventually(async () => expect(await page.getByLabel('Search').inputValue()).toBe('gpu-0004'));
    });

    it('asks once for what was typed in one go, and shows the answer to the last', async () => {
      const page = await desk.open('');
      const asked: string[] = [];
      page.on('request', (request) => {
        const q = /"q":"([^"]*)"/.exec(request.postData() ?? '')?.[1];
        if (q !== undefined) asked.push(q);
      });
      await page.getByLabel('Search').pressSequentially('flow-runner-00042', { delay: 10 });
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
      expect(new URL(page.url()).search).toBe('?state=deregistered&type=effect');
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
      await page.route('**/graphql', (route) => (isAway ? route.abort() : route.continue()));
      await desk.open('', page);
      await page.getByText('The registry does not answer').first().waitFor();
      isAway = false;
      await page.getByRole('button', { name: 'Try again' }).last().click();
      await eventually(async () => expect(await listTotal(page)).toBeGreaterThan(9000));
    });
  });
}
