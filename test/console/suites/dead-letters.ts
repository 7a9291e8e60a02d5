import { describe, expect, it } from '@jest/globals';
import { DEAD_LETTERS, REDRIVEN } from '../dead-letters.js';
import { eventually, numberIn, type Desk } from '../desk.js';

type Letters = { items: { id: string; nodeId: string | null; reason: string; redrives: number }[] };

export function deadLettersSuite(desk: Desk): void {
  describe('dead letters', () => {
    it('are those of the API, and narrowed by it', async () => {
      const page = await desk.open('/dead-letters');
      const { items } = await desk.get<Letters>('/v1/dead-letters');
      expect(items).toHaveLength(DEAD_LETTERS.length);
      const rows = page.locator('tr[data-letter]');
      await rows.first().waitFor();
      const ids = async () =>
        rows.evaluateAll((all) =>
          (all as unknown as { dataset: { letter: string } }[]).map((row) => row.dataset.letter),
        );
      await eventually(async () => expect(await ids()).toEqual(items.map(({ id }) => id)));
      await page.getByLabel('Reason').fill('no json');
      const narrowed = await desk.get<Letters>('/v1/dead-letters?reasonContains=no%20json');
      await eventually(async () => expect(await ids()).toEqual(narrowed.items.map(({ id }) => id)));
      expect(narrowed.items.length).toBeLessThan(items.length);
    });

    it('have their original, decoded', async () => {
      const { items } = await desk.get<Letters>(`/v1/dead-letters?nodeId=${REDRIVEN}`);
      const page = await desk.open(`/dead-letters/${items[0]?.id}`);
      const shown = await page.getByRole('region', { name: 'The original value' }).textContent();
      expect(JSON.parse(shown ?? '')).toMatchObject({
        event_type: 'NODE_INTROSPECTION',
        payload: { node_id: REDRIVEN },
      });
    });

    it('are sent again after a dry run, by the filters of the page; and what can be handled is', async () => {
      const page = await desk.open('/dead-letters');
      await page.getByLabel('Node').fill(REDRIVEN);
      await eventually(async () => expect(await page.locator('tr[data-letter]').count()).toBe(1));
      await page.getByRole('button', { name: 'Send again by filter…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByText('Dry run, nothing was sent.').waitFor();
      expect(numberIn(await dialog.locator('[data-redrive=sent]').textContent())).toBe(1);
      const before = await desk.get<Letters>(`/v1/dead-letters?nodeId=${REDRIVEN}`);
      expect(before.items[0]?.redrives).toBe(0);
      await dialog.getByRole('button', { name: 'Send 1 message' }).click();
      await dialog.getByText('Done.').waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      await eventually(async () => expect(await page.locator('tr[data-letter] td').last().textContent()).toBe('1 ×'));
      // The node is there after all.
      await desk.open(`/nodes/${REDRIVEN}`, page);
      await eventually(async () => expect(await page.locator('.page-about .badge').count()).toBe(1));
      await eventually(async () =>
        expect(await page.locator('.step-type').allTextContents()).toContain('NODE_INTROSPECTION'),
      );
    });

    it('are sent again one by one', async () => {
      const { items } = await desk.get<Letters>('/v1/dead-letters?reasonContains=the%20key%20is%20null');
      const page = await desk.open(`/dead-letters/${items[0]?.id}`);
      await page.getByRole('button', { name: 'Send again…' }).click();
      await page.getByRole('dialog').getByRole('button', { name: 'Send' }).click();
      await page.getByText('Sent. If it fails again').waitFor();
      await eventually(async () => {
        const letter = await desk.get<{ redrives: unknown[] }>(`/v1/dead-letters/${items[0]?.id}`);
        expect(letter.redrives).toHaveLength(1);
      });
    });
  });
}
