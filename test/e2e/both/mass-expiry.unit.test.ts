import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { until } from '../../support/stack.js';
import { build } from '../rollcall.js';
import { get, post } from './api.js';
import { embeddedPlace } from './embedded-place.js';
import { idsOf } from './fleets.js';
import { Registry } from './registry.js';

const SIZE = 15;
/** Heartbeats that a busy machine takes in so far apart still begin one silence. */
const WINDOW_MS = 10_000;

type Expiry = {
  readonly status: string;
  readonly expiring: number;
  readonly live: number;
  readonly reason: string | null;
};

type Health = {
  readonly status: string;
  readonly components: Readonly<Record<string, { readonly status: string }>>;
};

describe('a whole fleet that falls silent, on the embedded parts', () => {
  jest.setTimeout(600_000);
  const ids = idsOf('silent', SIZE);
  let registry: Registry;

  beforeAll(async () => {
    await build();
    registry = await Registry.start(embeddedPlace, {
      LIVENESS_WINDOW_MS: String(WINDOW_MS),
      HEARTBEAT_INTERVAL_MS: '1000',
      DEADLINE_SCAN_INTERVAL_MS: '500',
    });
    const terms = { acknowledgement: 'waived', liveness: 'heartbeat' };
    await Promise.all(ids.map((nodeId) => post(`${registry.url}/v1/nodes`, { nodeId, nodeType: 'effect', ...terms })));
    await until(
      async () => (await registry.nodes('silent')).filter(({ state }) => state === 'active').length === SIZE,
      {
        what: 'all of them to be active',
      },
    );
    // All at once: their silence has to begin together, also on a busy machine.
    await Promise.all(ids.map((nodeId) => post(`${registry.url}/v1/nodes/${nodeId}/heartbeat`, {})));
  });

  afterAll(async () => {
    await registry?.clear();
  });

  it('expires nobody, and says why', async () => {
    const held = await until(async () => (await expiry()).status === 'held' && (await expiry()), {
      what: 'expiry to be held back',
    });
    expect(held.expiring).toBeGreaterThanOrEqual(10);
    expect(held.reason).toContain('POST /v1/expiry/release');
    const degraded = await until(
      async () => {
        const { body } = await get<Health>(`${registry.url}/health`);
        return body.status === 'degraded' && body.components['expiry']?.status === 'degraded' && body;
      },
      { what: 'health that tells of it' },
    );
    expect(degraded).toMatchObject({
      status: 'degraded',
      components: { expiry: { status: 'degraded', critical: false } },
    });
    await until(async () => (await get(`${registry.url}/health/ready`)).status === 200, { what: 'to be ready' });
    await showsHeld(1);
    expect((await registry.nodes('silent')).map(({ state }) => state)).toEqual(ids.map(() => 'active'));
  });

  it('still holds it back after a restart', async () => {
    await registry.kill();
    await registry.start();
    expect((await expiry()).status).toBe('held');
    expect((await registry.nodes('silent')).map(({ state }) => state)).toEqual(ids.map(() => 'active'));
  });

  it('expires them all when an operator says that they are gone', async () => {
    const released = await post<Expiry>(`${registry.url}/v1/expiry/release`, { forMs: 300_000 });
    expect(released).toMatchObject({ status: 202, body: { status: 'released' } });
    await until(async () => (await registry.nodes('silent')).every(({ state }) => state === 'liveness_expired'), {
      what: 'all of them to expire',
    });
    await registry.untilPassing('silent', []);
    await showsHeld(0);
    const resumed = await post<Expiry>(`${registry.url}/v1/expiry/resume-protection`, {});
    expect(resumed).toMatchObject({ status: 202, body: { status: 'running', reason: null } });
  });

  it('stops cleanly, and leaves a journal that folds to what is stored', async () => {
    expect(await registry.stop()).toBe(0);
    expect((await registry.place.fold()).problems).toEqual([]);
  });

  /** The metric follows the probe, which asks now and then. */
  async function showsHeld(value: number): Promise<void> {
    const line = `rollcall_expiry_held ${value}`;
    await until(async () => (await (await fetch(`${registry.url}/metrics`)).text()).includes(line), { what: line });
  }

  async function expiry(): Promise<Expiry> {
    return (await get<Expiry>(`${registry.url}/v1/expiry`)).body;
  }
});
