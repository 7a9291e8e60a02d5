import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { FleetGauges } from '../../src/api/health/fleet-gauges.js';
import { HealthGauges } from '../../src/api/health/health-gauges.js';
import { Occasionally } from '../../src/api/read/occasionally.js';
import { HealthRegistry, type Database } from '../../src/runtime/index.js';
import { byHand } from '../support/local-log.js';

const log = pino({ level: 'silent' });

type Counted = { readonly state: string; readonly nodeType: string | null; readonly count: number };

/** A table that answers with the next of these each time it is counted. */
function table(...answers: (readonly Counted[])[]): { readonly database: Database; readonly asked: () => number } {
  let asked = 0;
  const query = () => {
    asked += 1;
    return Promise.resolve({ rows: answers[Math.min(asked, answers.length) - 1] });
  };
  return { database: { pool: { query } } as unknown as Database, asked: () => asked };
}

describe('rollcall_nodes', () => {
  it('counts by state and type; a type that does not exist is unknown, and what is empty is 0', async () => {
    const registry = new Registry();
    const { database, asked } = table([
      { state: 'active', nodeType: 'effect', count: 7 },
      { state: 'rejected', nodeType: 'toaster', count: 2 },
      { state: 'rejected', nodeType: null, count: 1 },
    ]);
    new FleetGauges(database, registry, log);
    const text = await registry.metrics();
    expect(text).toContain('rollcall_nodes{state="active",node_type="effect"} 7');
    expect(text).toContain('rollcall_nodes{state="rejected",node_type="unknown"} 3');
    expect(text).toContain('rollcall_nodes{state="active",node_type="compute"} 0');
    expect(text).not.toContain('toaster');
    await registry.metrics();
    expect(asked()).toBe(1);
  });
});

describe('work that is done now and then', () => {
  const options = { what: 'x', everyMs: 1, waitsForMs: 5, restsFor: 1e9 };

  it('is done once for all who ask at the same time', async () => {
    let begun = 0;
    const done = byHand();
    const counting = new Occasionally(
      () => {
        begun += 1;
        return done.promise;
      },
      { ...options, waitsForMs: 60_000 },
      log,
    );
    const asking = [counting.refresh(), counting.refresh()];
    done.resolve();
    await Promise.all(asking);
    expect(begun).toBe(1);
  });

  it('keeps nobody waiting who asks while it hangs', async () => {
    const counting = new Occasionally(() => new Promise(() => undefined), options, log);
    await counting.refresh();
    await counting.refresh();
  });

  it('rests the longer the more it took, and is tried again when it failed', async () => {
    let begun = 0;
    const counting = new Occasionally(
      async () => {
        begun += 1;
        if (begun === 1) throw new Error('away');
        await new Promise((resolve) => setImmediate(resolve));
      },
      { ...options, waitsForMs: 60_000 },
      log,
    );
    for (let asked = 0; asked < 4; asked += 1) await counting.refresh();
    expect(begun).toBe(2);
  });
});

describe('health', () => {
  it('is told as /health has it, conditions only while they are amiss', async () => {
    const health = new HealthRegistry();
    const registry = new Registry();
    new HealthGauges(health, registry);
    health.register({ name: 'kafka', critical: true, check: () => Promise.resolve({}) });
    health.register({ name: 'consul', critical: false, check: () => Promise.reject(new Error('away')) });
    health.register({ name: 'drift', critical: false, onlyWhenAmiss: true, check: () => Promise.resolve({}) });
    await new Promise((resolve) => setImmediate(resolve));
    const text = await registry.metrics();
    health.close();
    expect(text).toContain('rollcall_ready 1');
    expect(text).toContain('rollcall_component_status{component="kafka"} 2');
    expect(text).toContain('rollcall_component_status{component="consul"} 0');
    expect(text).not.toContain('component="drift"');
  });

  it('is not ready without a critical component', async () => {
    const health = new HealthRegistry();
    const registry = new Registry();
    new HealthGauges(health, registry);
    health.register({ name: 'state', critical: true, check: () => Promise.reject(new Error('away')) });
    expect(await registry.metrics()).toContain('rollcall_ready 0');
    health.close();
  });
});
