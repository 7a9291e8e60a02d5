import { describe, expect, it } from '@jest/globals';
import { eventually, numberIn, type Desk } from '../desk.js';
import { MISSING } from '../large-fleet.js';

type Drift = {
  backends: { backend: string; counts: Record<string, number> }[];
  items: { nodeId: string; drift: string }[];
};

export function driftSuite(desk: Desk): void {
  describe('drift', () => {
    it('is that of the last audit; a look changes nothing, and a repair ends it', async () => {
      const page = await desk.open('/drift');
      const agrees = async (): Promise<Drift> => {
        const drift = await desk.get<Drift>('/v1/drift');
        expect(drift.backends).toHaveLength(2);
        for (const { backend, counts } of drift.backends) {
          for (const [kind, count] of Object.entries(counts)) {
            const cell = page.locator(`[data-drift="${backend} ${kind}"]`);
            expect([backend, kind, numberIn(await cell.textContent())]).toEqual([backend, kind, count]);
          }
        }
        return drift;
      };
      await eventually(async () => {
        const { items } = await agrees();
        expect(items).toMatchObject([{ nodeId: MISSING, drift: 'missing' }]);
      });
      const findings = page.getByRole('region', { name: 'Findings', exact: true }).locator('tbody tr');
      await eventually(async () =>
        expect(await findings.allInnerTexts()).toEqual([
          expect.stringMatching(new RegExp(`missing.*consul.*${MISSING}`, 's')),
        ]),
      );

      await page.getByRole('button', { name: 'Audit and repair…' }).click();
      const dialog = page.getByRole('dialog');
      expect(await dialog.getByRole('button', { name: 'Repair' }).isDisabled()).toBe(true);
      await dialog.getByRole('button', { name: 'Look' }).click();
      await dialog.getByText(/would ask for 1 repair\b/).waitFor();
      expect((await desk.get<Drift>('/v1/drift')).items).toHaveLength(1);
      await dialog.getByRole('button', { name: 'Repair' }).click();
      await dialog.getByText(/ asked for 1 repair\b/).waitFor();
      await dialog.getByRole('button', { name: 'Close' }).click();
      await eventually(async () => {
        const { items } = await agrees();
        expect(items).toEqual([]);
        expect(await page.getByText('Everything is as desired').count()).toBe(1);
      });
    });
  });
}
