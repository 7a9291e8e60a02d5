import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { Upkeep } from '../../src/runtime/embedded/upkeep.js';

const MIB = 1024 * 1024;

/** An engine of which only the statements are seen, and the length of its write-ahead log. */
class FakeEngine {
  readonly statements: string[] = [];
  writtenMib = 100;

  run(statement: string): Promise<readonly string[]> {
    if (statement.includes('pg_current_wal')) return Promise.resolve([String(this.writtenMib * MIB)]);
    if (statement.includes('pg_stat_user_tables')) return Promise.resolve(['public.a', 'public.b']);
    this.statements.push(statement);
    return Promise.resolve([]);
  }
}

describe('upkeep of the embedded database', () => {
  let engine: FakeEngine;
  let upkeep: Upkeep;

  beforeEach(async () => {
    jest.useFakeTimers();
    engine = new FakeEngine();
    upkeep = new Upkeep(engine, pino({ level: 'silent' }));
    await upkeep.start();
  });

  afterEach(async () => {
    await upkeep.close();
    jest.useRealTimers();
  });

  it('does nothing where little was written', async () => {
    engine.writtenMib += 40;
    await upkeep.round();
    expect(engine.statements).toEqual([]);
  });

  it('writes a checkpoint when there is much to recover from, once', async () => {
    engine.writtenMib += 50;
    await upkeep.round();
    await upkeep.round();
    expect(engine.statements).toEqual(['checkpoint']);
  });

  it('cleans the tables, one at a time, when much was written', async () => {
    engine.writtenMib += 200;
    await upkeep.round();
    await upkeep.round();
    expect(engine.statements).toEqual(['vacuum (analyze) public.a', 'vacuum (analyze) public.b', 'checkpoint']);
  });

  it('cleans them an hour after something was written, by itself', async () => {
    engine.writtenMib += 2;
    await jest.advanceTimersByTimeAsync(59 * 60_000);
    expect(engine.statements).toEqual([]);
    await jest.advanceTimersByTimeAsync(2 * 60_000);
    expect(engine.statements).toEqual(['vacuum (analyze) public.a', 'vacuum (analyze) public.b']);
  });
});
