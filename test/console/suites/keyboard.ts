import { describe, expect, it } from '@jest/globals';
import { eventually, type Desk } from '../desk.js';

export function keyboardSuite(desk: Desk): void {
  describe('by the keyboard alone', () => {
    it('one gets past the head of the page, through the list and to a node', async () => {
      const page = await desk.open('/?type=reducer');
      await page.locator('.grid-row[data-node]').first().waitFor();
      await page.keyboard.press('Tab');
      await eventually(async () => expect(await page.locator(':focus').textContent()).toBe('Skip to the content'));
      await page.keyboard.press('Enter');
      await eventually(async () => expect(await page.locator('main:focus').count()).toBe(1));
      const grid = page.getByRole('grid');
      const isThere = async () => (await page.locator('[role=grid]:focus').count()) === 1;
      for (let stop = 0; stop < 40 && !(await isThere()); stop += 1) {
        await page.keyboard.press('Tab');
      }
      expect(await isThere()).toBe(true);
      for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp']) await page.keyboard.press(key);
      await eventually(async () => expect(await grid.getAttribute('aria-activedescendant')).toBe('row-1'));
      const id = await page.locator('#row-1').getAttribute('data-node');
      await page.keyboard.press('Enter');
      await eventually(async () => expect(page.url()).toContain(`/nodes/${id}`));
      // Who listens is told where they are.
      await eventually(async () => expect(await page.locator('main:focus').count()).toBe(1));
    });

    it('a dialog keeps the focus, ends with Escape, and gives it back', async () => {
      const page = await desk.open('/nodes/flow-runner-00007');
      const button = page.getByRole('button', { name: 'Deregister…' });
      await button.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      for (let stop = 0; stop < 12; stop += 1) {
        await page.keyboard.press('Tab');
        // The browser's own controls may have it in between; nothing behind the dialog may.
        expect(
          await page.evaluate(
            'document.activeElement === document.body || document.activeElement.closest("dialog") !== null',
          ),
        ).toBe(true);
      }
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await eventually(async () => expect(await page.locator('button:focus').textContent()).toBe('Deregister…'));
    });

    it('the focus can always be seen', async () => {
      const page = await desk.open('/register');
      for (let stop = 0; stop < 22; stop += 1) {
        await page.keyboard.press('Tab');
        const outline = await page.evaluate(
          '(({ outlineStyle, outlineWidth }) => outlineStyle + " " + outlineWidth)(getComputedStyle(document.activeElement))',
        );
        const isBody = await page.evaluate('document.activeElement === document.body');
        if (!isBody) expect(outline).toMatch(/^(solid|auto) [1-9]/);
      }
    });
  });
}
