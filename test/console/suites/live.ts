import { describe, expect, it } from '@jest/globals';
import { eventually, LIVENESS_WINDOW_MS, numberIn, type Desk } from '../desk.js';
import { post, stateOf } from '../large-fleet.js';

const NODE = 'edge-1';

const HERD = 20_000;
const idOf = (number: number): string => `herd-event-${number}`;

/** Server-sent events as the registry would send them, one for each node, from this one on. */
function herd(from: number): string {
  return Array.from({ length: HERD - from }, (_, offset) => {
    const number = from + offset;
    const data = {
      event_id: `e-${number}`,
      event_type: 'NODE_BECAME_ACTIVE',
      event_timestamp: new Date().toISOString(),
      payload: { node_id: `herd-${number}` },
    };
    return `id: ${idOf(number)}\nevent: NODE_BECAME_ACTIVE\ndata: ${JSON.stringify(data)}\n\n`;
  }).join('');
}

/** What comes behind the last event that was seen; all of it for one that saw none of the herd. */
function herdBehind(lastEventId: string | null): string {
  const seen = /^herd-event-(\d+)$/.exec(lastEventId ?? '');
  return herd(seen === null ? 0 : Number(seen[1]) + 1);
}

export function liveSuite(desk: Desk): void {
  async function join(incarnation: number): Promise<ReturnType<typeof setInterval>> {
    const { url } = desk;
    await post(url, `/v1/nodes/${NODE}/introspection`, { nodeType: 'compute', capabilities: ['edge'], incarnation });
    await eventually(async () => expect(await stateOf(url, NODE)).toBe('awaiting_ack'));
    await post(url, `/v1/nodes/${NODE}/ack`, {});
    return setInterval(() => void post(url, `/v1/nodes/${NODE}/heartbeat`, {}).catch(() => undefined), 500);
  }

  describe('live', () => {
    it('the death of a node and its return are seen without a reload', async () => {
      const page = await desk.open(`/?q=${NODE}`);
      const row = page.locator(`.grid-row[data-node="${NODE}"]`);
      let beats = await join(1);
      try {
        await eventually(async () => expect(await row.locator('.badge').textContent()).toBe('Active'));
        clearInterval(beats);
        // Later than the window, and the page hears of it a little later still.
        await eventually(
          async () => expect(await row.locator('.badge').textContent()).toBe('Expired'),
          2 * LIVENESS_WINDOW_MS + 120_000,
        );
        expect(await stateOf(desk.url, NODE)).toBe('liveness_expired');
        beats = await join(2);
        await eventually(async () => expect(await row.locator('.badge').textContent()).toBe('Active'));
        const { registryStats } = await desk.graphql<{ registryStats: { total: number } }>(
          '{ registryStats { total } }',
        );
        await eventually(async () =>
          expect(numberIn(await page.locator('[data-total=all]').textContent())).toBe(registryStats.total),
        );
      } finally {
        clearInterval(beats);
        await fetch(`${desk.url}/v1/nodes/${NODE}`, { method: 'DELETE', headers: { prefer: 'wait=30' } });
      }
    });

    it('a herd of 20,000 events leaves the page at work, and a broken stream is taken up where it ended', async () => {
      const { page } = desk;
      const asked: (string | null)[] = [];
      const headers = { 'content-type': 'text/event-stream' };
      await page.route('**/v1/events', async (route) => {
        const lastEventId = await route.request().headerValue('last-event-id');
        asked.push(lastEventId);
        return route.fulfill({ status: 200, headers, body: `: hello\n\n${herdBehind(lastEventId)}` });
      });
      await desk.open('', page);
      const feed = page.getByRole('region', { name: 'Changes' });
      await feed.getByText(`herd-${HERD - 1}`).waitFor();
      expect(await feed.locator('li').count()).toBeLessThanOrEqual(40);
      await page.getByLabel('Search').fill('flow-runner-00042');
      await eventually(async () => expect(numberIn(await page.locator('[data-total=list]').textContent())).toBe(1));
      const last = idOf(HERD - 1);
      await eventually(async () => expect(asked).toContain(last));
      // From now on, at first; and never again once there was something to go on behind.
      expect(asked[0]).toBeNull();
      expect(new Set(asked.slice(asked.indexOf(last)))).toEqual(new Set([last]));
    });
  });
}
