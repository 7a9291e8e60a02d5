import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import type { TcpProxy } from '../registry-effect/tcp-proxy.js';
import { addressOf, describeStack, until } from '../support/stack.js';
import { Ear } from './ear.js';
import { differences } from './held.js';
import { replayProblems } from './journal.js';
import { ACKNOWLEDGING } from './lifecycle/acknowledging.js';
import { ANNOUNCING } from './lifecycle/announcing.js';
import { BY_HAND } from './lifecycle/by-hand.js';
import { DURING_OUTAGE } from './lifecycle/during-outage.js';
import { LEAVING } from './lifecycle/leaving.js';
import { LIVING } from './lifecycle/living.js';
import { refusingConsul } from './lifecycle/refusing-consul.js';
import { ACK_TIMEOUT_MS, INTERVAL_MS, Stage, WINDOW_MS, type Scenarios } from './lifecycle/stage.js';
import { proxyTo, through } from './proxies.js';
import { build, Rollcall } from './rollcall.js';
import { together } from './together.js';
import { doubleIds, World } from './world.js';

describeStack('the lifecycle of a node, by every row of the table', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let rollcall: Rollcall;
  let ear: Ear;
  let stage: Stage;
  let door: { url: string; close: () => Promise<void> };
  let consul: TcpProxy;
  let registry: TcpProxy;
  const secondActs = new Map<string, () => Promise<void>>();

  beforeAll(async () => {
    await build();
    world = await World.create();
    const { DATABASE_URL: databaseUrl = '' } = world.environment;
    door = await refusingConsul(addressOf('consul'));
    consul = await proxyTo(door.url);
    registry = await proxyTo(databaseUrl);
    rollcall = await Rollcall.start({
      ...world.environment,
      CONSUL_HTTP_ADDR: through(door.url, consul),
      REGISTRY_DATABASE_URL: through(databaseUrl, registry),
      ACK_TIMEOUT_MS: String(ACK_TIMEOUT_MS),
      LIVENESS_WINDOW_MS: String(WINDOW_MS),
      HEARTBEAT_INTERVAL_MS: String(INTERVAL_MS),
      DEADLINE_SCAN_INTERVAL_MS: '100',
      // Nobody is accepted degraded for being late, and many may fall silent together.
      DEGRADED_ACCEPT_AFTER_MS: '600000',
      MASS_EXPIRY_SHARE_PERCENT: '100',
      BREAKER_FAILURES: '1',
      BREAKER_RESET_MS: '500',
      RETRY_ATTEMPTS: '1',
    });
    ear = await Ear.open(world);
    stage = new Stage(world, ear, rollcall);
    for (const proxy of [consul, registry]) proxy.cut();
    const firstActs = Object.entries(DURING_OUTAGE).map(async ([name, act]) => {
      // What goes wrong in the first act shows in the test of that name.
      const first = act(stage);
      await first.catch(() => undefined);
      secondActs.set(name, async () => (await first)());
    });
    await Promise.all(firstActs);
    for (const proxy of [consul, registry]) proxy.restore();
  });

  afterAll(async () => {
    await stage?.hush();
    await rollcall?.stop();
    await ear?.close();
    await Promise.all([consul, registry, door].map((server) => server?.close()));
    await world?.close();
  });

  const afterOutage: Scenarios = Object.fromEntries(
    Object.keys(DURING_OUTAGE).map((name) => [name, () => secondActs.get(name)?.() ?? Promise.reject(new Error(name))]),
  );
  together(() => stage, {
    ...afterOutage,
    ...ANNOUNCING,
    ...ACKNOWLEDGING,
    ...LIVING,
    ...LEAVING,
    ...BY_HAND,
  });

  it('leaves both backends as the journal wants them', async () => {
    expect(await differences(world)).toEqual([]);
  });

  it('publishes nothing twice, nothing under two ids, and no dead letter', async () => {
    const records = await world.read();
    const ids = records.map(({ topic, envelope }) => `${topic} ${envelope.event_id}`);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
    expect(doubleIds(records)).toEqual([]);
    expect(records.filter(({ topic }) => topic === 'dlq.v1')).toEqual([]);
  });

  it('counts a deadline for every marker', async () => {
    // Whoever hears of a marker may do so before it is counted.
    await until(
      async () => {
        const markers = ear.all('DEADLINE_PASSED').map(({ envelope }) => envelope.payload['kind']);
        const lines = ['ack', 'liveness'].map((kind) => {
          const count = markers.filter((one) => one === kind).length;
          return `rollcall_deadline_markers_total{kind="${kind}"} ${count}`;
        });
        const metrics = await (await fetch(`${rollcall.url}/metrics`)).text();
        const missing = [...lines, 'rollcall_deadline_scan_leader 1'].filter((line) => !metrics.includes(`${line}\n`));
        if (missing.length > 0) throw new Error(missing.join(', '));
        return true;
      },
      { what: 'a deadline counted for every marker' },
    );
  });

  it('folds its journal from empty to machine_states', async () => {
    expect((await replayProblems(world)).problems).toEqual([]);
  });
});
