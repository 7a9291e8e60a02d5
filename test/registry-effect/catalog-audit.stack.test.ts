import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  createCatalogAudit,
  createCatalogEffect,
  type BackendAudit,
  type ConsulEffect,
} from '../../src/registry-effect/index.js';
import { consulNames } from '../../src/registry-effect/consul/service-names.js';
import { bucketOf } from '../../src/registry-effect/drift/buckets.js';
import { createDatabase, describeStack, type TestDatabase } from '../support/stack.js';
import { auditAll, moved, told } from './audit-all.js';
import { openCatalog } from './catalog-tables.js';
import { asDeregister, asRegister, desired, neighbourOf } from './desired-nodes.js';
import { at, removal } from './sample-intents.js';

describeStack('the audit of the embedded catalog', ['postgres'], () => {
  const nodes = ['a', 'b', 'Capitals'].map((nodeId) => desired(nodeId));
  const gone = desired('gone', { presence: 'absent' });
  const all = [...nodes, gone];
  let database: TestDatabase;
  let pool: pg.Pool;
  let effect: ConsulEffect;
  let audit: BackendAudit;

  beforeAll(async () => {
    database = await createDatabase();
    await (await openCatalog(database.url)).close();
    pool = new pg.Pool({ connectionString: database.url, max: 2 });
    effect = createCatalogEffect({ pool, registryId: 'reg', requestTimeoutMs: 60_000 });
    audit = createCatalogAudit({ pool, registryId: 'reg', requestTimeoutMs: 60_000, isServing: () => true });
  });
  beforeEach(async () => {
    await effect.registerConsulServices.apply([...nodes, { ...gone, revision: 1 }].map((node) => at(asRegister(node))));
    await effect.deregisterConsulServices.apply([at(asDeregister(gone))]);
  });
  afterEach(() => pool.query('TRUNCATE catalog_services, catalog_nodes'));
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('finds nothing where nothing is wrong', async () => {
    expect(await told(audit, all)).toEqual([]);
    expect(await audit.compare(bucketOf('gone'), [gone])).toEqual({ entries: 0, compared: 1, findings: [] });
  });

  it('takes no offence at a service that an activation has left at its revision', async () => {
    const activated = { ...asRegister(nodes[0]!), revision: 3, onlyHealth: true };
    await effect.registerConsulServices.apply([at(activated)]);
    expect(await told(audit, [desired('a', { revision: 3 })])).toEqual([]);
  });

  it('has marks that move with the rows of their bucket, and all of them with a synthetic node', async () => {
    const before = await audit.marks();
    expect(await audit.marks()).toEqual(before);
    await pool.query(`UPDATE catalog_services SET port = port WHERE node_id = 'a'`);
    const after = await audit.marks();
    expect(moved(before, after)).toEqual([bucketOf('a')]);
    await pool.query(`UPDATE catalog_nodes SET address = address`);
    expect(moved(after, await audit.marks())).toHaveLength(256);
  });

  it.each([
    ['address', `'10.9.9.9'`, 'altered a: service.address'],
    ['port', '1', 'altered a: service.port'],
    ['tags', `'["onex"]'`, 'altered a: tags'],
    ['tags', `'7'`, 'altered a: tags'],
    ['folded_tags', `'[]'`, 'altered a: folded_tags'],
    ['meta', `meta || '{"owner": "me"}'`, 'altered a: meta.owner'],
    ['service_name', `'mine'`, 'altered a: service.name'],
    ['check_status', `'critical'`, 'altered a: check.status'],
    ['check_output', `'by hand'`, 'altered a: check.output'],
    ['node', `'reg-zz'`, 'altered a: node'],
    ['revision', '9', 'altered a: revision'],
    ['present', 'false', 'missing a: present'],
  ])('finds that somebody altered %s to %s', async (column, value, expected) => {
    await pool.query(`UPDATE catalog_services SET ${column} = ${value} WHERE node_id = 'a'`);
    expect(await told(audit, all)).toEqual([expected]);
  });

  it('finds what is missing: the row, and the synthetic node without which it is not shown', async () => {
    await pool.query(`DELETE FROM catalog_services WHERE node_id = 'a'`);
    await pool.query(`DELETE FROM catalog_nodes WHERE node = $1`, [consulNames('reg', 'b').node]);
    expect(await told(audit, all)).toEqual(['altered b: node', 'missing a:']);
    await effect.registerConsulServices.apply(nodes.map((node) => at(asRegister(node))));
    expect(await told(audit, all)).toEqual([]);
  });

  it('finds ghosts with their entries, and they go by these; foreign ones stay', async () => {
    const [ghost, foreign] = [neighbourOf('a', 'ghost'), neighbourOf('a', 'foreign')];
    await effect.registerConsulServices.apply([ghost, foreign].map((id) => at(asRegister(desired(id)))));
    await pool.query(`UPDATE catalog_services SET meta = '{"owner": "other"}' WHERE node_id = $1`, [foreign]);
    await pool.query(`UPDATE catalog_services SET present = true WHERE node_id = 'gone'`);
    const findings = await auditAll(audit, all);
    const ghosts = findings.filter(({ drift }) => drift === 'ghost');
    expect(ghosts.map(({ nodeId, revision, foundRevision }) => [nodeId, revision, foundRevision]).sort()).toEqual([
      [ghost, null, 2],
      ['gone', 2, 2],
    ]);
    const removals = ghosts.map(({ nodeId, entry }) => removal(nodeId, entry!));
    const apply = () => effect.removeConsulServices.apply(removals.map((one) => at(one)));
    expect(await apply()).toEqual([{ ok: true }, { ok: true }]);
    expect(await apply()).toEqual([{ ok: true }, { ok: true }]);
    expect(await told(audit, all)).toEqual([`foreign ${foreign}:`]);
  });

  it('finds a fence that somebody moved, and judges nothing that is on its way', async () => {
    await pool.query(`UPDATE catalog_services SET revision = 8 WHERE node_id = 'gone'`);
    expect(await auditAll(audit, all)).toMatchObject([{ drift: 'altered', nodeId: 'gone', foundRevision: 8 }]);
    expect(await told(audit, [...nodes, { ...gone, settled: false }])).toEqual([]);
  });
});
