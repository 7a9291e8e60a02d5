import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from '@jest/globals';
import {
  createConsulAudit,
  createConsulEffect,
  type ConsulAudit,
  type ConsulEffect,
  type DesiredNode,
} from '../../src/registry-effect/index.js';
import { asRegistration } from '../../src/registry-effect/consul/entry-differences.js';
import { checkEntry, serviceEntry } from '../../src/registry-effect/consul/entries.js';
import { consulNames, syntheticNode } from '../../src/registry-effect/consul/service-names.js';
import { bucketOf } from '../../src/registry-effect/drift/buckets.js';
import { addressOf, describeStack, uniqueName } from '../support/stack.js';
import { auditAll, told } from './audit-all.js';
import { asDeregister, asRegister, desired, neighbourOf } from './desired-nodes.js';
import { at, removal } from './sample-intents.js';

type Service = ReturnType<typeof serviceEntry>;
type Check = ReturnType<typeof checkEntry>;

describeStack('the audit of Consul', ['consul'], () => {
  const registryId = uniqueName('Audit');
  /** Somebody else's node of Consul. */
  const elsewhere = uniqueName('others');
  const nodes = ['a', 'b', 'Capitals', 'capitals'].map((nodeId) => desired(nodeId));
  const [a, b, capitals] = nodes as [DesiredNode, DesiredNode, DesiredNode];
  const gone = desired('gone', { presence: 'absent' });
  const all = [...nodes, gone];
  let effect: ConsulEffect;
  let audit: ConsulAudit;

  beforeAll(() => {
    const options = { address: addressOf('consul'), registryId, requestTimeoutMs: 60_000 };
    effect = createConsulEffect(options);
    audit = createConsulAudit({ ...options, isServing: () => true });
  });
  beforeEach(async () => {
    const outcomes = await effect.registerConsulServices.apply([...nodes, gone].map((node) => at(asRegister(node))));
    expect(outcomes.every(({ ok }) => ok)).toBe(true);
    await effect.deregisterConsulServices.apply([at(asDeregister(gone))]);
  });
  afterEach(async () => {
    const buckets = [...new Set([...all.map(({ nodeId }) => nodeId), 'unknown'].map(bucketOf))];
    const ours = buckets.map((bucket) => syntheticNode(registryId, bucket));
    for (const Node of [...ours, elsewhere]) await txn({ Node: { Verb: 'delete', Node: { Node } } }).catch(() => null);
  });
  afterAll(async () => {
    await effect.close();
    await audit.close();
  });

  async function txn(...operations: readonly unknown[]): Promise<void> {
    const answer = await fetch(`${addressOf('consul')}/v1/txn`, { method: 'PUT', body: JSON.stringify(operations) });
    if (!answer.ok) throw new Error(await answer.text());
  }
  const consulNode = (nodeId: string): string => consulNames(registryId, nodeId).node;
  const entriesOf = (node: DesiredNode): { service: Service; check: Check } => {
    const names = consulNames(registryId, node.nodeId);
    const intent = asRegistration(node);
    return { service: serviceEntry(names, intent, registryId), check: checkEntry(names, intent) };
  };
  const setService = (Node: string, Service: Partial<Service>) => ({ Service: { Verb: 'set', Node, Service } });
  const put = (node: DesiredNode, service: Partial<Service>) =>
    txn(setService(consulNode(node.nodeId), { ...entriesOf(node).service, ...service }));
  const putCheck = (node: DesiredNode, check: Partial<Check>) =>
    txn({ Check: { Verb: 'set', Check: { ...entriesOf(node).check, ...check } } });
  const meta = (node: DesiredNode, changed: Record<string, string>) =>
    ({ Meta: { ...entriesOf(node).service.Meta, ...changed } }) as Partial<Service>;
  const putOther = (service: Partial<Service>) =>
    txn({ Node: { Verb: 'set', Node: { Node: elsewhere, Address: '10.0.0.1' } } }, setService(elsewhere, service));

  it('finds nothing where nothing is wrong', async () => {
    const marks = await audit.marks();
    expect(marks).toHaveLength(256);
    expect(await told(audit, all)).toEqual([]);
    const { entries, compared } = await audit.compare(bucketOf('a'), [a]);
    expect({ entries, compared }).toEqual({ entries: 1, compared: 1 });
    expect(await audit.compare(bucketOf('gone'), [gone])).toMatchObject({ entries: 0, compared: 1, findings: [] });
  });

  it('takes no offence at a service that an activation has left at its revision', async () => {
    const activated = { ...asRegister(a), revision: 3, onlyHealth: true };
    await effect.registerConsulServices.apply([at(activated)]);
    expect(await told(audit, [desired('a', { revision: 3 }), b])).toEqual([]);
  });

  it.each<[string, () => Promise<void>, string]>([
    ['a tag', () => put(a, { Tags: ['onex', 'mine'] }), 'altered a: tags'],
    ['the address', () => put(a, { Address: '10.9.9.9', Port: 1 }), 'altered a: service.address service.port'],
    ['the revision', () => put(a, meta(a, { revision: '77' })), 'altered a: meta.revision'],
    ['the owner', () => put(a, meta(a, { owner: 'me', more: 'x' })), 'altered a: meta.owner meta.more'],
    ['the status', () => putCheck(a, { Status: 'critical' }), 'altered a: check.status'],
    ['the text of the check', () => putCheck(a, { Output: 'by hand' }), 'altered a: check.output'],
    ['a node with capitals', () => put(capitals, { Port: 1 }), 'altered Capitals: service.port'],
    ['the node that it says', () => put(a, meta(a, { node_id: 'b' })), 'altered a: meta.node_id'],
  ])('finds that somebody altered %s', async (_, damage, expected) => {
    const before = await audit.marks();
    await damage();
    expect((await audit.marks())[0]).not.toBe(before[0]);
    expect(await told(audit, all)).toEqual([expected]);
  });

  it('takes the order of tags for nothing', async () => {
    await put(a, { Tags: entriesOf(a).service.Tags.toReversed() });
    expect(await told(audit, all)).toEqual([]);
  });

  it('finds what is missing: service, check, synthetic node', async () => {
    const before = await audit.marks();
    await effect.deregisterConsulServices.apply([at(asDeregister(a))]);
    await txn({ Check: { Verb: 'delete', Check: { Node: consulNode('b'), CheckID: entriesOf(b).check.CheckID } } });
    await txn({ Node: { Verb: 'delete', Node: { Node: consulNode('Capitals') } } });
    expect((await audit.marks())[0]).not.toBe(before[0]);
    expect(await told(audit, all)).toEqual([
      'missing Capitals: service check',
      'missing a: service check',
      'missing b: check',
    ]);
  });

  it('finds ghosts: of a node unknown, of one that has left, of a former type, each with its entry', async () => {
    const unknown = neighbourOf('a', 'unknown');
    const former = desired('a', { record: { nodeType: 'compute' } });
    await txn(setService(consulNode('a'), entriesOf(desired(unknown, { revision: 7 })).service));
    await txn(
      { Node: { Verb: 'set', Node: { Node: consulNode('gone'), Address: '192.0.2.1', Meta: frame() } } },
      setService(consulNode('gone'), entriesOf(gone).service),
    );
    await put(former, {});
    const entry = (nodeId: string, type: string) => ({
      consulNode: consulNode(nodeId),
      serviceId: consulNames(registryId, nodeId).serviceId(type as 'effect'),
      serviceName: `onex-${type}`,
    });
    const findings = await auditAll(audit, all);
    const sorted = [...findings].sort((one, other) => (one.nodeId < other.nodeId ? -1 : 1));
    expect(sorted).toEqual([
      { nodeId: 'a', drift: 'ghost', revision: 2, foundRevision: 2, differences: [], entry: entry('a', 'compute') },
      {
        nodeId: 'gone',
        drift: 'ghost',
        revision: 2,
        foundRevision: 2,
        differences: [],
        entry: entry('gone', 'effect'),
      },
      {
        nodeId: unknown,
        drift: 'ghost',
        revision: null,
        foundRevision: 7,
        differences: [],
        entry: entry(unknown, 'effect'),
      },
    ]);
  });

  const frame = () => ({ 'external-node': 'true', 'external-probe': 'false', 'rollcall-owner': registryId });

  it('finds our entries on nodes of Consul that are not theirs, and lets them be found gone', async () => {
    await putOther({ ...entriesOf(a).service, Meta: entriesOf(desired('unknown')).service.Meta });
    await txn(setService(consulNode('b'), entriesOf(a).service));
    // The page of b is looked at first: what it has of a is judged on the page of a.
    const round = [b, a];
    const findings = await auditAll(audit, round, ['unknown']);
    expect(findings.map(({ nodeId, drift, revision, entry }) => [drift, nodeId, revision, entry?.consulNode])).toEqual([
      ['ghost', 'a', 2, consulNode('b')],
      ['ghost', 'unknown', null, elsewhere],
    ]);
    const removals = findings.map(({ nodeId, entry }) => removal(nodeId, entry!));
    await effect.removeConsulServices.apply(removals.map((one) => at(one)));
    expect(await told(audit, round, ['unknown'])).toEqual([]);
  });

  it('looks again at the page of a node that was seen on another one after its own', async () => {
    await txn(setService(consulNode('b'), entriesOf(a).service));
    const before = await audit.marks();
    expect(await told(audit, [a, b])).toEqual([]);
    expect((await audit.marks())[bucketOf('a')]).not.toBe(before[bucketOf('a')]);
    expect(await told(audit, [a, b])).toEqual(['ghost a:']);
  });

  it('tells of what is foreign among ours, and of nothing else that is', async () => {
    await txn(setService(consulNode('a'), { ID: 'redis/1', Service: 'redis' }));
    await txn({
      Check: { Verb: 'set', Check: { Node: consulNode('a'), CheckID: 'disk', Name: 'disk', Status: 'passing' } },
    });
    await putOther({
      ID: 'onex-effect-x',
      Service: 'onex-effect',
      Meta: { owner: 'others' } as unknown as Service['Meta'],
    });
    expect(await told(audit, all)).toEqual(['foreign disk: check', 'foreign entry-redis_1:']);
  });

  it('tells of a synthetic node that somebody altered', async () => {
    await txn({ Node: { Verb: 'set', Node: { Node: consulNode('a'), Address: '10.0.0.9', Meta: frame() } } });
    expect(await told(audit, all)).toEqual([`foreign ${consulNode('a')}: node.address`]);
  });

  it('judges nothing of a node that is on its way', async () => {
    await put(a, { Tags: [] });
    await putOther(entriesOf(b).service);
    await effect.deregisterConsulServices.apply([at(asDeregister(b))]);
    const onItsWay = [a, b].map((node) => ({ ...node, settled: false }));
    expect(await told(audit, onItsWay)).toEqual([]);
  });

  it('rejects while Consul cannot be reached', async () => {
    const away = createConsulAudit({
      address: 'http://127.0.0.1:1',
      registryId,
      requestTimeoutMs: 60_000,
      isServing: () => false,
    });
    await expect(away.marks()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await expect(away.compare(0, [])).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    await away.close();
  });
});
