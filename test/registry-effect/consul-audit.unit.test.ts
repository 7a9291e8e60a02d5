import { describe, expect, it } from '@jest/globals';
import { consulAuditThrough, type DesiredNode } from '../../src/registry-effect/index.js';
import type { ConsulReader } from '../../src/registry-effect/consul/consul-reader.js';
import { asRegistration } from '../../src/registry-effect/consul/entry-differences.js';
import { checkEntry, nodeEntry, serviceEntry } from '../../src/registry-effect/consul/entries.js';
import type { FoundCheck, FoundService } from '../../src/registry-effect/consul/found-entries.js';
import { consulNames, syntheticNode } from '../../src/registry-effect/consul/service-names.js';
import { bucketOf, nameOfEntry } from '../../src/registry-effect/drift/buckets.js';
import { revisionIn } from '../../src/registry-effect/drift/backend-audit.js';
import { moved, told } from './audit-all.js';
import { desired, neighbourOf } from './desired-nodes.js';

const REGISTRY = 'reg';

/** A Consul that holds what the test puts there, and counts what it is asked. */
class PaperConsul implements ConsulReader {
  index = 1;
  readonly asked: string[] = [];
  readonly services = new Map<string, FoundService[]>();
  readonly checks = new Map<string, FoundCheck[]>();
  elsewhere: readonly unknown[] = [];

  hold(node: DesiredNode, on = consulNames(REGISTRY, node.nodeId).node): void {
    const names = consulNames(REGISTRY, node.nodeId);
    const intent = asRegistration(node);
    this.services.set(on, [...(this.services.get(on) ?? []), serviceEntry(names, intent, REGISTRY)]);
    this.checks.set(on, [...(this.checks.get(on) ?? []), checkEntry(names, intent)]);
    this.index += 1;
  }

  read<T>(path: string): Promise<{ readonly index: string; readonly body: T }> {
    this.asked.push(path);
    return Promise.resolve({ index: String(this.index), body: this.answer(path) as T });
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private answer(path: string): unknown {
    const node = path.slice(path.lastIndexOf('/') + 1);
    if (path.startsWith('/v1/catalog/service/')) return node === 'onex-effect' ? this.elsewhere : [];
    if (path.startsWith('/v1/health/node/')) return this.checks.get(node) ?? [];
    const services = this.services.get(node);
    if (!path.startsWith('/v1/catalog/node/') || services === undefined) return null;
    return {
      Node: nodeEntry(node, REGISTRY),
      Services: Object.fromEntries(services.map((service) => [service.ID, service])),
    };
  }
}

function newAudit(...nodes: readonly DesiredNode[]) {
  const consul = new PaperConsul();
  for (const node of nodes) consul.hold(node);
  return { consul, audit: consulAuditThrough(consul, { registryId: REGISTRY, isServing: () => true }) };
}

describe('the audit of Consul', () => {
  it('has one mark while nothing is written, and another afterwards', async () => {
    const { consul, audit } = newAudit(desired('a'));
    const before = await audit.marks();
    expect(new Set(before).size).toBe(1);
    expect(await audit.marks()).toEqual(before);
    consul.index += 1;
    expect(moved(before, await audit.marks())).toHaveLength(256);
  });

  it('asks two small questions while nothing is written', async () => {
    const { consul, audit } = newAudit();
    await audit.marks();
    expect(consul.asked).toEqual(['/v1/catalog/services', '/v1/health/state/none']);
  });

  it('looks elsewhere once for each mark, not for each bucket', async () => {
    const { consul, audit } = newAudit();
    const looks = () => consul.asked.filter((path) => path === '/v1/catalog/service/onex-effect').length;
    await audit.marks();
    await Promise.all([0, 1, 2, 3].map((bucket) => audit.compare(bucket, [])));
    expect(looks()).toBe(1);
    consul.index += 1;
    await audit.marks();
    await audit.compare(0, []);
    expect(looks()).toBe(2);
  });

  it('forgets what strayed and is gone, though its page has not been looked at since', async () => {
    const [a, b] = [desired('a'), desired(neighbourOf('a', 'b', false))];
    const { consul, audit } = newAudit(a, b);
    const onB = syntheticNode(REGISTRY, bucketOf(b.nodeId));
    consul.hold(a, onB);
    expect(await told(audit, [b, a])).toEqual(['ghost a:']);
    consul.services.set(onB, consul.services.get(onB)!.slice(0, 1));
    expect(await told(audit, [a])).toEqual([]);
  });

  it.each<[string, Partial<DesiredNode>, Partial<DesiredNode>, string[]]>([
    ['the revision before, when passing', { revision: 1 }, { revision: 2 }, []],
    ['an older one', { revision: 1 }, { revision: 3 }, ['altered a: meta.revision']],
    ['a newer one', { revision: 3 }, { revision: 2 }, ['altered a: meta.revision']],
    [
      'the revision before, when critical',
      { revision: 1, health: 'critical' },
      { revision: 2, health: 'critical' },
      ['altered a: meta.revision'],
    ],
  ])('judges a service of %s', async (_, held, wanted, expected) => {
    const { audit } = newAudit(desired('a', held));
    expect(await told(audit, [desired('a', wanted)])).toEqual(expected);
  });

  it('takes what UTF-8 cannot hold for what is stored in its place', async () => {
    const { consul, audit } = newAudit(desired('a', { record: { capabilityTags: ['x\ufffd'] } }));
    expect(await told(audit, [desired('a', { record: { capabilityTags: ['x\ud800'] } })])).toEqual([]);
    expect(consul.services.size).toBe(1);
  });

  it('names no more fields than the message that tells of them takes', async () => {
    const { consul, audit } = newAudit(desired('a'));
    const [[on, [service]]] = [...consul.services] as [[string, [FoundService]]];
    const Meta = Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`key-${n}`, '']));
    consul.services.set(on, [{ ...service, Meta }]);
    const { findings } = await audit.compare(bucketOf('a'), [desired('a')]);
    expect(findings.map(({ differences }) => differences.length)).toEqual([64]);
  });
});

describe('an entry of no node that is known', () => {
  it.each([
    ['n1', 'onex-effect-n1', 'n1'],
    [undefined, 'onex-effect-n1', 'onex-effect-n1'],
    ['not an id', 'onex-effect-n1', 'onex-effect-n1'],
    ['', 'ünï/1', 'entry-_n__1'],
  ])('that says %p and is called %p goes by %p', (says, name, expected) => {
    expect(nameOfEntry(says, name)).toBe(expected);
  });
});

describe('a revision that an entry gives', () => {
  it.each([
    ['7', 7],
    ['0', 0],
    [undefined, null],
    ['-1', null],
    ['1e3', null],
    ['1073741824', 1_073_741_824],
    ['1073741825', null],
    ['9223372036854775807', null],
  ])('%p is %p', (text, expected) => expect(revisionIn(text)).toBe(expected));
});
