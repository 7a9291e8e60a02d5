import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { describeStack, until } from '../support/stack.js';
import { LONG_TIMES } from './both/registry-suite.js';
import { replayProblems } from './journal.js';
import { build, fleet, Rollcall } from './rollcall.js';
import { doubleIds, groupBy, World } from './world.js';

const NODES = 800;

describeStack('kill -9 while a fleet registers', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let rollcall: Rollcall;

  beforeAll(async () => {
    await build();
    world = await World.create(LONG_TIMES);
    rollcall = await Rollcall.start(world.environment);
  });

  afterAll(async () => {
    await rollcall?.stop();
    await world?.close();
  });

  it('ends with every node active, and no message under two ids', async () => {
    const registering = fleet(world.environment, '--nodes', String(NODES), '--timeout', '180');
    // Twice, at different depths of the workflow: when the first have been accepted, and when the first are active.
    for (const rule of ['accept', 'acknowledge']) {
      await until(async () => (await world.rows('select 1 from journal where rule = $1 limit 1', [rule])).length > 0, {
        everyMs: 5,
        what: `the first step by the rule ${rule}`,
      });
      await rollcall.kill();
      rollcall = await rollcall.again();
    }
    const { code, output } = await registering;
    if (code !== 0) throw new Error(`${output}\n${rollcall.tail()}`);

    const states = await world.rows(
      `select machine, status, count(*)::int as count from machine_states group by machine, status order by machine`,
    );
    expect(states[0]).toEqual({ machine: 'orchestrator', status: 'active', count: NODES });
    const records = await world.read();
    expect(doubleIds(records)).toEqual([]);
    // A copy of a message is the message, to the byte: only an effect may have taken another time.
    for (const [id, copies] of groupBy(records, ({ topic, envelope }) => `${topic} ${envelope.event_id}`)) {
      const texts = copies.map(({ value }) => value.replace(/"duration_ms":[\d.]+/, ''));
      expect({ id, texts: new Set(texts).size }).toEqual({ id, texts: 1 });
    }
    expect((await replayProblems(world)).problems).toEqual([]);
  });

  it('leaves both backends as the records want them', async () => {
    const [missing] = await until(
      async () => {
        const rows = await world.rows<{ count: number }>(
          `select count(*)::int as count from machine_states where machine = 'reducer' and status <> 'complete'`,
        );
        return rows[0]?.count === 0 ? rows : false;
      },
      { what: 'both backends to hold every revision' },
    );
    expect(missing).toEqual({ count: 0 });
    const wrong = await world.rows(
      `select n.node_id from node_registrations n join machine_states s on s.machine = 'reducer' and s.node_id = n.node_id
       where n.state <> 'active' or n.revision <> (s.state::json #>> '{desired,revision}')::int`,
    );
    expect(wrong).toEqual([]);
    const passing = await world.consul<unknown[]>(
      `/v1/health/service/onex-effect?passing&filter=${encodeURIComponent(`Service.Meta.owner == "${world.registryId}"`)}`,
    );
    expect(passing).toHaveLength(NODES);
  });
});

describeStack('everything sent twice', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let rollcall: Rollcall;

  beforeAll(async () => {
    await build();
    world = await World.create(LONG_TIMES);
    rollcall = await Rollcall.start(world.environment);
  });

  afterAll(async () => {
    await rollcall?.stop();
    await world?.close();
  });

  it('comes to the same end, byte for byte', async () => {
    const { code, output } = await fleet(world.environment, '--nodes', '100', '--duplicate', '--timeout', '120');
    if (code !== 0) throw new Error(`${output}\n${rollcall.tail()}`);
    const records = await world.read();
    const copies = groupBy(records, ({ topic, envelope }) => `${topic} ${envelope.event_id}`);
    expect([...copies.values()].some((group) => group.length > 1)).toBe(true);
    for (const [id, group] of copies) {
      const texts = group.map(({ value }) => value.replace(/"duration_ms":[\d.]+/, ''));
      expect({ id, texts: new Set(texts).size }).toEqual({ id, texts: 1 });
    }
    expect(doubleIds(records)).toEqual([]);
    const perNode = await world.rows(
      `select rule, count(*)::int as count from journal where machine = 'orchestrator' and rule in ('accept', 'acknowledge')
       group by rule order by rule`,
    );
    expect(perNode).toEqual([
      { rule: 'accept', count: 100 },
      { rule: 'acknowledge', count: 100 },
    ]);
    expect((await replayProblems(world)).problems).toEqual([]);
  });
});
