import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { bucketOf } from '../../src/runtime/drift/bucket-of.js';
import { describeStack, until } from '../support/stack.js';
import { consulServices, inConsul, type ConsulService } from './drift-damage.js';
import { build, Rollcall } from './rollcall.js';
import { World } from './world.js';

const NODES = 200;
const LEFT = 10;
const DAMAGED = 10;
const AT_ONCE = 20;
/** An audit that begins so long after the damage sees it, and an earlier one has asked for its repair. */
const SETTLED_AFTER_MS = 500;

type Row = Readonly<Record<string, unknown>> & { readonly node_id: string };
type Backend = {
  readonly backend: string;
  readonly startedAt: string;
  readonly status: string;
  readonly unsettled: number;
  readonly counts: Readonly<Record<string, number>>;
};

describeStack('drift on real servers', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let rollcall: Rollcall;
  let services: ReadonlyMap<string, ConsulService>;
  let rows: readonly Row[];

  const nodes = Array.from({ length: NODES }, (_, n) => `drift-${String(n).padStart(3, '0')}`);
  const from = (start: number): readonly string[] => nodes.slice(start, start + DAMAGED);

  beforeAll(async () => {
    await build();
    world = await World.create({ DRIFT_AUDIT_INTERVAL_MS: '1000' });
    rollcall = await Rollcall.start(world.environment);
    const register = (nodeId: string, waitSeconds: number) =>
      call('POST', '/v1/nodes', { nodeId, nodeType: 'effect' }, waitSeconds);
    await forEach(nodes.slice(0, -LEFT), (nodeId) => register(nodeId, 0));
    await forEach(nodes.slice(-LEFT), (nodeId) => register(nodeId, 20));
    await forEach(nodes.slice(-LEFT), (nodeId) => call('DELETE', `/v1/nodes/${nodeId}`, {}, 0));
    await until(isWhole, { what: 'every node to be in both backends, but for those that left' });
    services = await servicesNow();
    rows = (await rowsNow()).filter(({ state }) => state === 'active');
  });
  afterAll(async () => {
    await rollcall?.stop();
    await world?.close();
  });

  async function call(method: string, path: string, body: object, waitSeconds: number): Promise<unknown> {
    const response = await fetch(`${rollcall.url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', prefer: `wait=${waitSeconds}` },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  }

  const servicesNow = () => consulServices(world);
  const rowsNow = () => world.rows<Row>('select * from node_registrations order by node_id');
  async function isWhole(): Promise<boolean> {
    const states = (await rowsNow()).map(({ state }) => state);
    const count = (state: string): number => states.filter((one) => one === state).length;
    const whole = count('active') === NODES - LEFT && count('deregistered') === LEFT;
    return whole && (await servicesNow()).size === NODES - LEFT;
  }

  const backends = async () => ((await rollcall.get('/v1/drift')).body as { backends: Backend[] }).backends;
  /** What came of it; a finding that was out of date by then is passed over. */
  const journalled = async () =>
    (
      await world.rows<{ node_id: string; rule: string }>(
        `select node_id, rule from journal where machine = 'reducer' and event_type = 'REGISTRY_DRIFT_DETECTED'
         and rule not like 'ignore%' order by node_id`,
      )
    ).map(({ node_id, rule }) => `${rule} ${node_id}`);

  /** Of what both backends hold, what has to be as it was; without what is not ours. */
  async function held(): Promise<object> {
    const [found, table] = await Promise.all([servicesNow(), rowsNow()]);
    return {
      services: [...found.values()].filter(({ ID }) => services.has(ID)).map(whole),
      rows: table.filter(({ node_id: nodeId, state }) => nodes.includes(nodeId) && state === 'active').map(lasting),
    };
  }

  /** Waits until an audit finds nothing more to mend, and compares with what was before the damage. */
  async function expectMended(damagedAt: number): Promise<void> {
    // Nodes whose repair is on its way are not judged.
    const isClean = ({ startedAt, status, unsettled }: Backend): boolean =>
      status === 'clean' && unsettled === 0 && Date.parse(startedAt) > damagedAt + SETTLED_AFTER_MS;
    // None is told of before its first audit has come to its end.
    await until(async () => (await backends()).filter(isClean).length === 2, {
      timeoutMs: 180_000,
      everyMs: 200,
      what: 'audits that find nothing of ours',
    });
    const before = { services: [...services.values()].map(whole), rows: rows.map(lasting) };
    // Nor is what was decided amid the audit. What was expected tells more than that it was waited for.
    await until(async () => isDeepStrictEqual(await held(), before), { what: 'all to be as it was' }).catch(
      () => undefined,
    );
    expect(await held()).toEqual(before);
  }

  it('mends all that was damaged by hand, with a step of the reducer each, and touches nothing foreign', async () => {
    const foreign = { ID: 'somebody-elses', Service: 'somebody', Tags: ['theirs'], Port: 1 };
    const shared = `${world.registryId}-${bucketOf(nodes[0] ?? '')
      .toString(16)
      .padStart(2, '0')}`;
    const of = (ids: readonly string[]) =>
      [...services.values()].filter(({ Meta }) => ids.includes(Meta['node_id'] ?? ''));
    await inConsul([
      ...of(from(0)).map(({ Node, ID, Service }) => ({ Service: { Verb: 'delete', Node, Service: { ID, Service } } })),
      ...of(from(10)).map(({ Node, ...service }) => ({
        Service: { Verb: 'set', Node, Service: { ...service, Tags: ['changed'] } },
      })),
      ...of(from(20)).map(({ Node, ...service }) => ({
        Service: {
          Verb: 'set',
          Node,
          Service: {
            ...service,
            ID: `${service.ID}-ghost`,
            Meta: { ...service.Meta, node_id: `${service.Meta['node_id']}-ghost` },
          },
        },
      })),
      { Service: { Verb: 'set', Node: shared, Service: foreign } },
    ]);
    await world.rows('delete from node_registrations where node_id = any($1)', [from(30)]);
    await world.rows(`update node_registrations set node_version = '9.9.9', revision = 1 where node_id = any($1)`, [
      from(40),
    ]);
    await world.rows(`update node_registrations set state = 'active', deregistered_at = null where node_id = any($1)`, [
      nodes.slice(-LEFT),
    ]);
    await world.rows(
      `insert into node_registrations select (jsonb_populate_record(null::node_registrations,
      to_jsonb(n) || '{"node_id": "somebody-elses"}')).* from node_registrations n where node_id = $1`,
      [nodes[60]],
    );

    await expectMended(Date.now());
    const others = async () => [...(await servicesNow()).keys()].filter((id) => !services.has(id));
    await until(async () => (await others()).join() === 'somebody-elses', { what: 'no ghosts, and what is foreign' });
    expect((await rowsNow()).filter(({ node_id: nodeId }) => nodeId === 'somebody-elses')).toHaveLength(1);
    const ghosts = from(20).map((nodeId) => `remove_ghost ${nodeId}-ghost`);
    const asked = [...from(0), ...from(10), ...from(30), ...from(40), ...nodes.slice(-LEFT)];
    expect((await journalled()).sort()).toEqual([...ghosts, ...asked.map((nodeId) => `reassert ${nodeId}`)].sort());
    const told = async () => (await backends()).map(({ backend, counts }) => `${backend} ${counts['foreign']}`);
    await until(async () => (await told()).join() === 'consul 1,postgres 1', { what: 'what is foreign to be told' });
  });

  it('brings everything back when Consul is emptied and the table is dropped, with no node taking part', async () => {
    const names = await world.consul<{ Node: string }[]>(
      `/v1/catalog/nodes?filter=${encodeURIComponent(`Meta["rollcall-owner"] == "${world.registryId}"`)}`,
    );
    expect(names.length).toBeGreaterThan(0);
    await inConsul(names.map(({ Node }) => ({ Node: { Verb: 'delete', Node: { Node } } })));
    await world.rows('drop table node_registrations cascade');
    await expectMended(Date.now());
    expect((await world.rows('select 1 from tool_registrations')).length).toBeGreaterThan(0);
    await until(async () => ((await rollcall.get('/health')).body as { status: string }).status === 'healthy', {
      what: 'health',
    });
  });
});

/** An activation writes the check alone, and leaves the revision that the service was written with. */
function whole({ Meta: { revision: _revision, ...meta }, ...service }: ConsulService): object {
  return { ...service, meta };
}

/** What of a row has to be as it was: a repair writes it anew, at another time. */
function lasting({ updated_at: _updated, registered_at: _registered, ...row }: Row): object {
  const { deregistered_at: deregistered, event_at: _event, ...rest } = row;
  return { ...rest, deregistered: deregistered !== null };
}

async function forEach(ids: readonly string[], work: (nodeId: string) => Promise<unknown>): Promise<void> {
  for (let start = 0; start < ids.length; start += AT_ONCE)
    await Promise.all(ids.slice(start, start + AT_ONCE).map(work));
}
