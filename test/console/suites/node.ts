import { describe, expect, it } from '@jest/globals';
import { eventually, type Desk } from '../desk.js';
import { LONG_ID } from '../large-fleet.js';

type Steps = {
  items: { eventId: string; machine: string; rule: string; eventType: string; outputs: { eventType: string }[] }[];
};
type Backends = {
  desired: { revision: number };
  consul: { confirmedRevision: number };
  postgres: { confirmedRevision: number };
};

export function nodeSuite(desk: Desk): void {
  describe('a node', () => {
    it('is shown as the API has it: record, reasons, backends', async () => {
      const page = await desk.open(`/nodes/${LONG_ID}`);
      const path = `/v1/nodes/${LONG_ID}`;
      const node = await desk.get<{ revision: number; attemptId: string; nodeVersion: string }>(path);
      const { text } = await desk.get<{ text: string }>(`${path}/explain`);
      const backends = await desk.get<Backends>(`${path}/backends`);
      await page.locator('.reasons p').nth(1).waitFor();
      const shown = await page.locator('.reasons > p:not(.reasons-since)').allTextContents();
      expect(shown).toEqual(text.split('\n'));
      expect(await page.locator('[data-fact=revision]').textContent()).toBe(String(node.revision));
      await page.getByText(node.attemptId).first().waitFor();
      expect(await page.locator('[data-backend=desired]').textContent()).toBe(String(backends.desired.revision));
      expect(await page.locator('[data-backend=Consul]').textContent()).toBe(String(backends.consul.confirmedRevision));
      expect(await page.locator('[data-backend=PostgreSQL]').textContent()).toBe(
        String(backends.postgres.confirmedRevision),
      );
      expect(await page.title()).toBe(`${LONG_ID} · Rollcall`);
    });

    it('has every step of both machines, each with its message, its outputs and the way to its cause', async () => {
      const page = await desk.open(`/nodes/${LONG_ID}`);
      const { items } = await desk.get<Steps>(`/v1/nodes/${LONG_ID}/steps?limit=20`);
      const steps = page.locator('.timeline > .step');
      await steps.first().waitFor();
      expect(await page.locator('.step-type').allTextContents()).toEqual(items.map(({ eventType }) => eventType));
      const reduced = items.findIndex(({ machine, outputs }) => machine === 'reducer' && outputs.length === 2);
      const step = steps.nth(reduced);
      await step.locator('summary').first().click();
      await step.locator('.outputs > li').first().waitFor();
      const words = await step.locator('.outputs > li').allTextContents();
      expect(words.join(' ')).toMatch(/consul\.register, revision \d+.*postgres\.upsert_registration, revision \d+/s);
      // To the step that published what this one took.
      const cause = step.locator('.step-body button.link').first();
      const named = (await cause.textContent()) ?? '';
      await cause.click();
      const focused = page.locator('.step summary:focus');
      await focused.waitFor();
      expect(named).toContain((await focused.locator('.step-type').textContent()) ?? 'nothing');
      await page.getByRole('group', { name: 'Steps of' }).getByRole('button', { name: 'Workflow' }).click();
      const workflow = items.filter(({ machine }) => machine === 'orchestrator').map(({ eventType }) => eventType);
      await eventually(async () => expect(await page.locator('.step-type').allTextContents()).toEqual(workflow));
    });

    it('that nobody knows is said to be so', async () => {
      const page = await desk.open('/nodes/nobody-is-called-so');
      await page.getByText('No node of this id has ever announced itself here').waitFor();
    });
  });
}
