import { describe, expect, it } from '@jest/globals';
import { eventually, numberIn, searchIs, type Desk } from '../desk.js';
import { stateOf } from '../large-fleet.js';

export function commandsSuite(desk: Desk): void {
  describe('commands', () => {
    it('a node is registered by the form, with what is wrong said at the fields, and deregistered by its id', async () => {
      const page = await desk.open('/register');
      const submit = page.getByRole('button', { name: 'Register', exact: true });
      await page.getByLabel('Metadata').fill('{ "team": ');
      await submit.click();
      await eventually(async () =>
        expect(await page.getByRole('alert').textContent()).toBe('2 fields are wrong. Nothing was sent to the fleet.'),
      );
      await eventually(async () => expect(await page.locator(':focus').getAttribute('name')).toBe('nodeId'));

      await page.getByLabel('Id', { exact: true }).fill('-by-hand');
      await page.getByLabel('Metadata').fill('{ "team": "ops" }');
      await page.getByLabel('Version').fill('one');
      await submit.click();
      // By the API now, field by field.
      const wrong = page.locator('[aria-invalid=true]');
      await eventually(async () => {
        const names = await wrong.evaluateAll((all) => (all as unknown as { name: string }[]).map(({ name }) => name));
        expect(names).toEqual(['nodeId', 'nodeVersion']);
      });

      await page.getByLabel('Id', { exact: true }).fill('by-hand');
      await page.getByLabel('Version').fill('1.2.3');
      await page.getByLabel('Capabilities').fill('one, two');
      await page.getByLabel('Endpoints').fill('api http://10.0.0.7:8080');
      await submit.click();
      await page.getByText('Succeeded').waitFor();
      expect(await stateOf(desk.url, 'by-hand')).toBe('active');
      expect(await desk.get('/v1/nodes/by-hand')).toMatchObject({
        nodeVersion: '1.2.3',
        capabilities: { one: true, two: true },
        endpoints: { api: 'http://10.0.0.7:8080' },
        metadata: { team: 'ops' },
      });

      await page.getByRole('link', { name: 'To the node' }).click();
      await page.getByRole('button', { name: 'Deregister…' }).click();
      const dialog = page.getByRole('dialog');
      const confirm = dialog.getByRole('button', { name: 'Deregister' });
      await dialog.getByLabel('Reason (optional)').fill('only tried');
      await dialog.getByLabel('Type its id to confirm').fill('by-han');
      expect(await confirm.isDisabled()).toBe(true);
      expect(await stateOf(desk.url, 'by-hand')).toBe('active');
      await dialog.getByLabel('Type its id to confirm').fill('by-hand');
      await confirm.click();
      await page.getByText('Succeeded').waitFor();
      await eventually(async () => expect(await page.locator('.page-about .badge').textContent()).toBe('Deregistered'));
      expect(await stateOf(desk.url, 'by-hand')).toBe('deregistered');
      await eventually(async () => expect(await page.locator('.reasons').textContent()).toContain('only tried'));
    });

    it('a node is asked to introduce itself', async () => {
      const page = await desk.open('/nodes/flow-runner-00009');
      await page.getByRole('button', { name: 'Request introspection' }).click();
      await page.getByText('Asked. The node answers').waitFor();
    });

    it('the fleet of before a command is as it was', async () => {
      const page = await desk.open('');
      const total = page.locator('[data-total=all]');
      const before = await desk.graphql<{ registryStats: { total: number } }>('{ registryStats { total } }');
      const moment = new Date(Date.now() - 1).toISOString();
      await new Promise((resolve) => setTimeout(resolve, 20));
      const headers = { 'content-type': 'application/json', prefer: 'wait=30' };
      const body = JSON.stringify({ nodeId: 'later-than-that', nodeType: 'effect' });
      await fetch(`${desk.url}/v1/nodes`, { method: 'POST', headers, body });
      await eventually(async () => expect(numberIn(await total.textContent())).toBe(before.registryStats.total + 1));

      await desk.open(`/?asOf=${encodeURIComponent(moment)}&q=later-than-that`, page);
      await page.getByText('The past:').waitFor();
      await page.getByText('No node passes these filters').waitFor();
      const then = await desk.graphql<{ registry: Record<string, { totalCount: number }> }>(
        `{ registry(asOf: "${moment}") { all: nodes(first: 1) { totalCount } active: nodes(first: 1, filter: { state: active }) { totalCount } } }`,
      );
      await eventually(async () => expect(numberIn(await total.textContent())).toBe(then.registry['all']?.totalCount));
      await eventually(async () =>
        expect(numberIn(await page.locator('[data-state=active]').textContent())).toBe(
          then.registry['active']?.totalCount,
        ),
      );
      await page.getByRole('button', { name: 'Back to live' }).first().click();
      await eventually(async () => expect(numberIn(await page.locator('[data-total=list]').textContent())).toBe(1));
      await searchIs(page, '?q=later-than-that');
    });

    it('the slider goes back and comes again', async () => {
      const page = await desk.open('');
      await page.getByRole('button', { name: 'Look back' }).click();
      const slider = page.getByRole('slider', { name: 'Moment' });
      await slider.focus();
      await page.keyboard.press('Home');
      await page.getByText('The past:').waitFor();
      await eventually(async () => {
        const asOf = Date.parse(new URL(page.url()).searchParams.get('asOf') ?? '');
        expect(Math.abs(Date.now() - 3600_000 - asOf)).toBeLessThan(60_000);
      });
      await page.getByText('No node was known then').waitFor();
      await page.keyboard.press('End');
      await searchIs(page, '');
      await eventually(async () => expect(await page.getByText('The past:').count()).toBe(0));
    });
  });
}
