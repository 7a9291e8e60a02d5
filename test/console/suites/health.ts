import { describe, expect, it } from '@jest/globals';
import { eventually, numberIn, type Desk } from '../desk.js';

type Health = { status: string; components: Record<string, { status: string; message: string }> };
type Registrations = {
  total: number;
  successful: number;
  failed: number;
  consulRegistrations: number;
  postgresRegistrations: number;
  registeredNodes: { count: number };
};

export function healthSuite(desk: Desk): void {
  describe('health', () => {
    it('is that of the API, part by part', async () => {
      const page = await desk.open('/health');
      await eventually(async () => {
        const { components } = await desk.get<Health>('/health');
        for (const [name, title] of [
          ['kafka', 'Log (Kafka)'],
          ['state', 'State database'],
          ['consul', 'Consul'],
          ['postgres', 'PostgreSQL (registry)'],
        ] as const) {
          const panel = page.getByRole('region', { name: title, exact: true });
          expect(await panel.locator('.panel-aside').textContent()).toBe(components[name]?.status);
          expect(await panel.locator('p').first().textContent()).toBe(components[name]?.message);
        }
        const consul = page.getByRole('region', { name: 'Consul', exact: true });
        expect(await consul.locator('dl').textContent()).toContain('Breakerclosed');
      });
    });

    it('has the registrations in numbers, and the lag of every group', async () => {
      const page = await desk.open('/health');
      await eventually(async () => {
        const numbers = await desk.get<Registrations>('/v1/metrics/registrations');
        const expected = {
          total: numbers.total,
          successful: numbers.successful,
          failed: numbers.failed,
          consul: numbers.consulRegistrations,
          postgres: numbers.postgresRegistrations,
          active: numbers.registeredNodes.count,
        };
        for (const [name, count] of Object.entries(expected)) {
          expect([name, numberIn(await page.locator(`[data-count=${name}]`).textContent())]).toEqual([name, count]);
        }
      });
      const metrics = await (await fetch(`${desk.url}/metrics`)).text();
      const pairs = new Set(
        [...metrics.matchAll(/^rollcall_consumer_lag_records\{(.*)\}/gm)].map(([, labels = '']) =>
          ['group', 'topic'].map((name) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1]).join(' '),
        ),
      );
      expect(pairs.size).toBeGreaterThan(5);
      await eventually(async () => {
        const rows = await page.getByRole('region', { name: 'Lag of each group' }).locator('tbody tr').allInnerTexts();
        expect(new Set(rows.map((row) => row.split('\t').slice(0, 2).join(' ')))).toEqual(pairs);
      });
    });

    it('the guard of expiry is released, for as long as was said, and resumed', async () => {
      const page = await desk.open('/health');
      const guard = page.getByRole('region', { name: 'Expiry guard' });
      await guard.getByRole('button', { name: 'Let everything silent expire…' }).click();
      await page.getByLabel('For how long').selectOption('15');
      await page.getByRole('button', { name: 'Let it expire' }).click();
      await guard.getByText('released', { exact: true }).waitFor();
      const { status, releasedUntil } = await desk.get<{ status: string; releasedUntil: string }>('/v1/expiry');
      expect(status).toBe('released');
      expect(Math.round((Date.parse(releasedUntil) - Date.now()) / 60_000)).toBe(15);
      await guard.getByRole('button', { name: 'Resume protection' }).click();
      await guard.getByText('running', { exact: true }).waitFor();
      // What the page had asked before may be what it shows.
      await eventually(async () => expect((await desk.get<{ status: string }>('/v1/expiry')).status).toBe('running'));
    });
  });
}
