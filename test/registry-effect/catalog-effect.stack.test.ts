import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  BackendUnavailable,
  catalogHealth,
  createCatalogEffect,
  createConsulEffect,
  type ConsulEffect,
} from '../../src/registry-effect/index.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';
import { openCatalog } from './catalog-tables.js';
import { at, deregister, names, register } from './sample-intents.js';

type Row = {
  readonly node_id: string;
  readonly present: boolean;
  readonly revision: string;
  readonly service_id: string;
  readonly meta: Readonly<Record<string, string>>;
  readonly check_status: string;
  readonly create_index: string;
  readonly modify_index: string;
  readonly check_modify_index: string;
};

const STALE = (revision: number, higher: number, nodeId: string) => ({
  ok: false,
  errorCode: 'CONSUL_VALIDATION_ERROR',
  errorMessage: `revision ${revision} is stale: catalog_services holds revision ${higher} of ${nodeId}`,
});

describeStack('the embedded catalog', ['postgres'], () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let effect: ConsulEffect;

  beforeAll(async () => {
    database = await createDatabase();
    await (await openCatalog(database.url)).close();
  });
  afterAll(() => database.drop());
  beforeEach(() => {
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
    effect = createCatalogEffect({ pool, registryId: 'reg', retryBaseMs: 1, requestTimeoutMs: 60_000 });
  });
  afterEach(async () => {
    await pool.query('TRUNCATE catalog_services, catalog_nodes');
    await pool.end();
  });

  const all = async (): Promise<Row[]> =>
    (await pool.query<Row>('SELECT * FROM catalog_services ORDER BY node_id COLLATE "C"')).rows;
  const present = async (): Promise<string[]> =>
    (await all()).filter((row) => row.present).map((row) => row.service_id);
  const row = async (nodeId: string): Promise<Row> => (await all()).find((one) => one.node_id === nodeId)!;
  const index = async (): Promise<number> =>
    Number((await pool.query<{ value: string }>('SELECT value FROM catalog_index')).rows[0]!.value);
  const put = (...intents: readonly ReturnType<typeof register>[]) =>
    effect.registerConsulServices.apply(intents.map((intent) => at(intent)));
  const remove = (...intents: readonly ReturnType<typeof deregister>[]) =>
    effect.deregisterConsulServices.apply(intents.map((intent) => at(intent)));

  it('goes by the names of the Consul effect', async () => {
    const consul = createConsulEffect({ address: '127.0.0.1:1', registryId: 'reg' });
    expect(effect.registerConsulServices.id).toBe(consul.registerConsulServices.id);
    expect(effect.deregisterConsulServices.id).toBe(consul.deregisterConsulServices.id);
    await consul.close();
  });

  it('raises its index with every write, and by one for a whole batch', async () => {
    const before = await index();
    await put(...names(300).map((id) => register(id)));
    expect(await index()).toBe(before + 1);
    await remove(deregister('node-0001'));
    expect(await index()).toBe(before + 2);
    expect(await catalogHealth({ pool, timeoutMs: 60_000 })).toMatchObject({ ok: true, index: before + 2 });
  });

  it('writes the check alone when only health changed', async () => {
    await put(register('n1'));
    const before = await row('n1');
    await put(register('n1', { revision: 2, health: 'passing', onlyHealth: true }));
    const after = await row('n1');
    expect(after).toMatchObject({ revision: '2', check_status: 'passing', meta: { revision: '1' } });
    expect(after.modify_index).toBe(before.modify_index);
    expect(Number(after.check_modify_index)).toBeGreaterThan(Number(before.check_modify_index));
  });

  it('writes a missing service whole although only health changed', async () => {
    await put(register('gone'));
    await remove(deregister('gone'));
    await put(...['gone', 'never'].map((id) => register(id, { revision: 10, health: 'passing', onlyHealth: true })));
    expect(await row('gone')).toMatchObject({ present: true, check_status: 'passing', meta: { revision: '10' } });
    expect(await row('never')).toMatchObject({ present: true, check_status: 'passing', meta: { revision: '10' } });
  });

  it('writes a service whole when the row is of another type, although only health changed', async () => {
    await put(register('n1'));
    await put(register('n1', { revision: 2, onlyHealth: true, record: { nodeType: 'compute' } }));
    expect(await row('n1')).toMatchObject({ service_id: 'onex-compute-n1', meta: { revision: '2' } });
  });

  it('never has two services of a node, whatever its types were', async () => {
    await put(register('n1'));
    await put(register('n1', { revision: 2, record: { nodeType: 'compute' }, otherNodeTypes: ['effect'] }));
    expect(await present()).toEqual(['onex-compute-n1']);
  });

  it('keeps ids apart that differ by case only', async () => {
    await put(...['resizer', 'Resizer', 'RESIZER'].map((id) => register(id)));
    const ids = await present();
    expect(new Set(ids.map((id) => id.toLowerCase())).size).toBe(3);
  });

  it('deregisters twice as well as once, and one that never was', async () => {
    await put(register('n1'), register('n2'));
    const gone = [deregister('n1', ['effect', 'compute']), deregister('never-was'), deregister('n3', [])];
    expect(await remove(...gone)).toEqual(gone.map(() => ({ ok: true })));
    expect(await remove(...gone)).toEqual(gone.map(() => ({ ok: true })));
    expect(await present()).toEqual(['onex-effect-n2']);
  });

  it('changes nothing when an intent is repeated', async () => {
    const intents = names(40).map((id) => register(id));
    await put(...intents);
    const before = await all();
    await put(...intents);
    expect(await all()).toEqual(before);
  });

  it('never lets an older revision replace a newer one', async () => {
    await put(register('n1', { revision: 5, health: 'passing' }));
    expect(await put(register('n1', { revision: 4 }), register('n2'))).toEqual([STALE(4, 5, 'n1'), { ok: true }]);
    expect(await row('n1')).toMatchObject({ revision: '5', check_status: 'passing' });
    await remove({ ...deregister('n1'), revision: 6 });
    expect(await put(register('n1', { revision: 5 }))).toEqual([STALE(5, 6, 'n1')]);
    expect(await present()).toEqual(['onex-effect-n2']);
    await put(register('n1', { revision: 7 }));
    expect(await remove({ ...deregister('n1'), revision: 6 })).toEqual([STALE(6, 7, 'n1')]);
    expect(await present()).toEqual(['onex-effect-n1', 'onex-effect-n2']);
  });

  it('has a fence before the first row, too', async () => {
    await remove({ ...deregister('n1'), revision: 3 });
    expect(await put(register('n1', { revision: 2 }))).toEqual([STALE(2, 3, 'n1')]);
    expect(await present()).toEqual([]);
  });

  it('is found by newer indexes after it was away', async () => {
    await put(register('n1'));
    const first = await row('n1');
    await remove({ ...deregister('n1'), revision: 2 });
    await put(register('n1', { revision: 3 }));
    expect(Number((await row('n1')).create_index)).toBeGreaterThan(Number(first.create_index));
  });

  it('fails the culprits alone, in a batch of hundreds', async () => {
    const bad = new Set(['node-0007', 'node-0008', 'node-0333']);
    const outcomes = await put(
      ...names(400).map((id) => register(id, { record: { nodeVersion: bad.has(id) ? 'a\0b' : '1.0.0' } })),
    );
    expect(names(400).filter((_, at) => !outcomes[at]!.ok)).toEqual([...bad]);
    expect(outcomes[7]).toMatchObject({ errorCode: 'CONSUL_VALIDATION_ERROR' });
    expect(await present()).toHaveLength(397);
  });

  it('never dead-locks, and ends with the newest revision, however many processes write at once', async () => {
    const errors: string[] = [];
    const pools = [1, 2, 3].map(() => new pg.Pool({ connectionString: database.url, max: 2 }));
    const effects = pools.map((other) =>
      createCatalogEffect({
        pool: other,
        registryId: 'reg',
        requestTimeoutMs: 60_000,
        onError: (code, text) => errors.push(`${code} ${text}`),
      }),
    );
    const ids = names(100);
    for (let round = 0; round < 8; round++) {
      const base = round * 10;
      await Promise.all([
        effects[0]!.registerConsulServices.apply(ids.map((id) => at(register(id, { revision: base + 1 })))),
        effects[1]!.deregisterConsulServices.apply(ids.map((id) => at({ ...deregister(id), revision: base + 3 }))),
        effects[2]!.registerConsulServices.apply(
          [...ids].reverse().map((id) => at(register(id, { revision: base + 2, health: 'passing', onlyHealth: true }))),
        ),
      ]);
      expect(await present()).toEqual([]);
    }
    await Promise.all(pools.map((other) => other.end()));
    expect(errors.filter((text) => !text.includes('is stale'))).toEqual([]);
  });

  it('is unavailable, not failed, while its tables are missing', async () => {
    const empty = await createDatabase();
    const other = new pg.Pool({ connectionString: empty.url, max: 1 });
    const early = createCatalogEffect({
      pool: other,
      registryId: 'reg',
      retryBaseMs: 1,
      requestTimeoutMs: 60_000,
      breakerFailures: 1,
    });
    const work = early.registerConsulServices.apply([at(register('n1'))]);
    await expect(work).rejects.toBeInstanceOf(BackendUnavailable);
    await expect(work).rejects.toMatchObject({ code: 'CONSUL_CONNECTION_ERROR' });
    expect(early.breakerState()).toBe('open');
    const health = await catalogHealth({ pool: other, timeoutMs: 60_000 });
    expect(health).toMatchObject({ ok: false, code: 'CONSUL_CONNECTION_ERROR' });
    await early.close();
    await other.end();
    await empty.drop();
  });
});
