import { beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyRequest } from 'fastify';
import { Registry } from 'prom-client';
import { Gathered } from '../../src/api/audit/gathered.js';
import { Refusals } from '../../src/api/audit/refusals.js';
import { Problem } from '../../src/api/http/problem.js';
import type { NewAuditEntry } from '../../src/api/read/audit-entry.js';
import type { AuditStore } from '../../src/api/read/audit-store.js';
import { createLog } from '../../src/runtime/index.js';

const FORBIDDEN = new Problem('forbidden', 'no');
const UNKNOWN = new Problem('unauthenticated', 'no');

function requestOf(changes: object = {}): FastifyRequest {
  return {
    caller: { name: 'rita', role: 'reader', source: 'token', nodes: null, expiresAt: null },
    ip: '192.0.2.1',
    method: 'DELETE',
    params: { nodeId: 'n-1' },
    query: {},
    body: undefined,
    routeOptions: { url: '/v1/nodes/:nodeId', config: { access: { least: 'operator', audit: 'node.deregister' } } },
    ...changes,
  } as unknown as FastifyRequest;
}

describe('refused requests', () => {
  let rows: NewAuditEntry[];
  let insert: (entries: readonly NewAuditEntry[]) => Promise<void>;
  let sut: Refusals;

  beforeEach(() => {
    rows = [];
    insert = async (entries) => void rows.push(...entries);
    const store = { insert: (entries: readonly NewAuditEntry[]) => insert(entries) } as AuditStore;
    sut = new Refusals(store, createLog('silent'), new Registry());
  });

  it('that are alike are one row', async () => {
    for (let n = 0; n < 5; n++) sut.note(requestOf(), FORBIDDEN);
    sut.note(requestOf({ caller: null }), UNKNOWN);
    sut.note(requestOf({ ip: '192.0.2.2' }), FORBIDDEN);
    await sut.written();
    expect(rows.map(({ caller, problem, ip, count }) => [caller, problem, ip, count])).toEqual([
      ['rita', 'forbidden', '192.0.2.1', 5],
      [null, 'unauthenticated', '192.0.2.1', 1],
      ['rita', 'forbidden', '192.0.2.2', 1],
    ]);
    expect(rows[0]).toMatchObject({ action: 'node.deregister', target: 'n-1', outcome: 'refused', status: 403 });
    expect([rows[0]?.firstAt, rows[1]?.firstAt]).toEqual([expect.stringMatching(/^\d{4}-/), null]);
    await sut.written();
    expect(rows).toHaveLength(3);
  });

  it('from everywhere do not fill memory and table, and are counted all the same', async () => {
    for (let n = 0; n < 2000; n++) sut.note(requestOf({ caller: null, ip: `192.0.2.${n}` }), UNKNOWN);
    await sut.written();
    expect(rows).toHaveLength(501);
    expect(rows.at(-1)).toMatchObject({ ip: 'many', target: null, count: 1500 });
    expect(rows.reduce((sum, { count }) => sum + count, 0)).toBe(2000);
  });

  it('are given up while the database is away, and later ones are written', async () => {
    const works = insert;
    insert = () => Promise.reject(new Error('away'));
    sut.note(requestOf(), FORBIDDEN);
    await sut.written();
    insert = works;
    sut.note(requestOf({ ip: '192.0.2.9' }), FORBIDDEN);
    await sut.written();
    expect(rows.map(({ ip }) => ip)).toEqual(['192.0.2.9']);
  });

  it('are written down without what PostgreSQL cannot hold, and without secrets', async () => {
    sut.note(requestOf({ params: { nodeId: 'a\0b\ud800' }, query: { reason: 'password=hunter2' } }), FORBIDDEN);
    await sut.written();
    expect(rows[0]).toMatchObject({ target: 'a\ufffdb\ufffd' });
    expect(rows[0]?.details).not.toContain('hunter2');
  });
});

describe('entries that are written together', () => {
  it('share statements while one is under way', async () => {
    const batches: number[][] = [];
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (release = resolve));
    const sut = new Gathered<number>(async (items) => {
      batches.push([...items]);
      await gate;
    });
    const all = [1, 2, 3].map((item) => sut.add(item));
    release();
    await Promise.all(all);
    expect(batches).toEqual([[1], [2, 3]]);
    await sut.idle();
  });

  it('fail together, and not with later ones', async () => {
    let fails = true;
    const sut = new Gathered<number>(() => (fails ? Promise.reject(new Error('away')) : Promise.resolve()));
    await expect(sut.add(1)).rejects.toThrow('away');
    fails = false;
    await expect(sut.add(2)).resolves.toBeUndefined();
  });

  it('are refused when too many wait', async () => {
    const sut = new Gathered<number>(() => new Promise(() => undefined));
    const waiting = Array.from({ length: 5001 }, (_, item) => sut.add(item));
    waiting.forEach((one) => void one.catch(() => undefined));
    await expect(sut.add(1)).rejects.toThrow(/too many/);
  });
});
