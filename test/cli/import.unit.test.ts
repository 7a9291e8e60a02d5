import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { EXIT } from '../../src/cli/exit.js';
import { readConsul } from '../../src/cli/import/consul.js';
import { readEureka } from '../../src/cli/import/eureka.js';
import { readNacos } from '../../src/cli/import/nacos.js';
import { planOf, type PlanOptions } from '../../src/cli/import/plan.js';
import type { Json, Reading } from '../../src/cli/import/reading.js';
import { run } from './fake-terminal.js';

const FIXTURES = new URL('fixtures/', import.meta.url).pathname;
const OPTIONS: PlanOptions = { nodeType: 'effect', acknowledgement: 'waived', liveness: 'none', all: false };

function fixture(name: string): readonly Json[] {
  const text = readFileSync(join(FIXTURES, name), 'utf8');
  const texts = name.endsWith('l') ? text.trim().split('\n') : [text];
  return texts.map((one) => JSON.parse(one) as Json);
}

function plan(reading: Reading, change: Partial<PlanOptions> = {}) {
  return planOf(reading, { ...OPTIONS, ...change });
}

describe('Eureka', () => {
  const { planned, leftOut, unfit } = plan(readEureka(fixture('eureka-apps.json')));

  it('an instance becomes a node with all that it had', () => {
    expect(planned[0]).toMatchObject({
      body: {
        nodeId: '10.0.0.7-billing-8080',
        nodeType: 'effect',
        nodeVersion: '1.4.0',
        capabilities: ['billing', 'invoices', 'refunds'],
        endpoints: {
          api: 'http://billing-7.example.com:8080',
          health: 'http://billing-7.example.com:8080/actuator/health',
          status: 'http://billing-7.example.com:8080/actuator/info',
        },
        metadata: {
          'management.port': '8080',
          zone: 'b',
          importedFrom: {
            registry: 'eureka',
            application: 'BILLING',
            instanceId: '10.0.0.7:billing:8080',
            address: '10.0.0.7',
            vipAddress: 'billing',
            dataCenter: 'MyOwn',
          },
        },
        healthEndpoint: 'http://billing-7.example.com:8080/actuator/health',
        acknowledgement: 'waived',
        liveness: 'none',
      },
      notes: ['was 10.0.0.7:billing:8080', 'version 1.4 is written 1.4.0'],
    });
  });

  it('reads a list of one that is none, ports as text, the secure one first; and says what does not fit', () => {
    expect(planned[1]).toMatchObject({
      body: {
        nodeId: 'ledger.example.com',
        nodeType: 'reducer',
        endpoints: { api: 'https://ledger.example.com:8443' },
        metadata: { importedFrom: { version: 'nightly' } },
      },
      notes: ['version nightly is no semantic one', 'endpoint health is left out: not a url is no URL'],
    });
    expect(planned[1]?.body).not.toHaveProperty('nodeVersion');
    expect(planned[1]?.body).not.toHaveProperty('healthEndpoint');
  });

  it('leaves out what is down, unless told', () => {
    expect(leftOut).toEqual([{ where: '10.0.0.8:billing:8080', why: 'its status is DOWN' }]);
    expect(unfit).toEqual([{ where: 'instance 4', why: 'has neither "instanceId" nor "hostName"' }]);
    const all = plan(readEureka(fixture('eureka-apps.json')), { all: true });
    expect(all.planned).toHaveLength(3);
    expect(all.leftOut).toEqual([]);
  });

  it('reads one application, one instance, and says what is none of them', () => {
    const [whole] = fixture('eureka-apps.json') as readonly [{ applications: { application: { instance: Json[] }[] } }];
    const [application] = whole.applications.application;
    expect(readEureka([{ application: application as unknown as Json }]).instances).toHaveLength(2);
    expect(readEureka([{ instance: application!.instance[0]! }]).instances).toHaveLength(1);
    expect(readEureka([{ applications: { application: null } }])).toEqual({ instances: [], unreadable: [] });
    expect(readEureka([{ hosts: [] }, [], 7]).unreadable.map(({ where }) => where)).toEqual([
      'document 1',
      'document 2',
      'document 3',
    ]);
  });
});

describe('Nacos', () => {
  it('reads the list of v1', () => {
    const { planned, leftOut } = plan(readNacos(fixture('nacos-instances-v1.json')));
    expect(planned.map(({ body }) => body)).toMatchObject([
      {
        nodeId: 'billing-10.0.0.7-8080',
        nodeVersion: '2.1.0',
        capabilities: ['billing'],
        endpoints: { api: 'https://10.0.0.7:8080' },
        metadata: {
          'preserved.register.source': 'SPRING_CLOUD',
          importedFrom: { registry: 'nacos', group: 'DEFAULT_GROUP', cluster: 'DEFAULT', weight: 1, ephemeral: true },
        },
      },
      { nodeId: 'billing-10.0.0.8-8080-hz', endpoints: { api: 'http://10.0.0.8:8080' } },
    ]);
    expect(leftOut.map(({ why }) => why)).toEqual(['it is not healthy', 'it is not enabled']);
  });

  it('reads the list of v2, the catalog, and several in one file', () => {
    const documents = [...fixture('nacos-instances-v2.json'), ...fixture('nacos-catalog-services.json')];
    expect(plan(readNacos(documents)).planned.map(({ body }) => [body.nodeId, body.endpoints['api']])).toEqual([
      ['ledger-10.0.0.20-9090', 'http://10.0.0.20:9090'],
      ['search-fd00-7-80', 'http://[fd00::7]:80'],
    ]);
  });

  it('says what it cannot read', () => {
    const { unreadable } = readNacos([
      { hosts: [{ ip: '10.0.0.1', port: 80 }, { ip: '10.0.0.1', port: 0, serviceName: 'a' }, 7] },
      { applications: {} },
    ]);
    expect(unreadable).toEqual([
      { where: 'instance 1', why: expect.stringContaining('does not tell its service') },
      { where: 'instance 2', why: 'has no "ip" and "port"' },
      { where: 'instance 3', why: 'is no object' },
      { where: 'document 2', why: expect.stringContaining('has no "hosts"') },
    ]);
  });
});

describe('Consul', () => {
  it('reads /v1/health/service', () => {
    const { planned, leftOut } = plan(readConsul(fixture('consul-health-service.json')));
    expect(planned.map(({ body }) => body)).toMatchObject([
      {
        nodeId: 'billing-7',
        nodeVersion: '1.4.0',
        capabilities: ['billing', 'invoices', 'refunds'],
        endpoints: { api: 'http://10.1.10.12:8080', health: 'http://10.1.10.12:8080/health' },
        healthEndpoint: 'http://10.1.10.12:8080/health',
        metadata: {
          zone: 'b',
          importedFrom: { registry: 'consul', serviceId: 'billing-7', node: 'worker-1', datacenter: 'dc1' },
        },
      },
    ]);
    expect(leftOut).toEqual([{ where: 'billing-8', why: 'its check service:billing-8 is critical' }]);
    const all = plan(readConsul(fixture('consul-health-service.json')), { all: true });
    // Without an address of its own it is at that of its node.
    expect(all.planned[1]?.body.endpoints).toEqual({ api: 'https://10.1.10.13:8443' });
  });

  it('reads /v1/catalog/service', () => {
    const { planned, leftOut } = plan(readConsul(fixture('consul-catalog-service.json')));
    expect(planned.map(({ body, notes }) => [body.nodeId, body.endpoints, notes])).toEqual([
      ['32a2a47f7992-nodea-5000', { api: 'http://172.17.0.3:5000' }, ['was 32a2a47f7992:nodea:5000']],
      ['web-worker-2', {}, []],
    ]);
    expect(leftOut.map(({ why }) => why)).toEqual([
      'a Rollcall has written it',
      'it is a connect-proxy, which stands before a service',
    ]);
  });

  it('reads /v1/agent/services', () => {
    const { planned } = plan(readConsul(fixture('consul-agent-services.json')));
    expect(planned.map(({ body }) => [body.nodeId, body.endpoints['api']])).toEqual([
      ['redis-1', 'http://10.0.0.30:8000'],
    ]);
  });

  it('reads a decoded snapshot: services, and their checks from other lines', () => {
    const { planned, leftOut, unfit } = plan(readConsul(fixture('consul-snapshot.jsonl')));
    expect(unfit).toEqual([]);
    expect(leftOut).toEqual([
      { where: 'consul-server-1', why: 'it is Consul itself' },
      { where: 'ledger-1', why: 'its check serfHealth is critical' },
    ]);
    // One id on two nodes of Consul: both are told apart by what they are, and not by their order.
    expect(planned.map(({ body }) => [body.nodeId, body.healthEndpoint])).toEqual([
      [expect.stringMatching(/^billing-7-[0-9a-f]{8}$/), 'http://10.1.10.12:8080/health'],
      [expect.stringMatching(/^billing-7-[0-9a-f]{8}$/), undefined],
    ]);
    const backwards = plan(readConsul([...fixture('consul-snapshot.jsonl')].reverse()));
    expect(backwards.planned.map(({ body }) => body.nodeId)).toEqual(planned.map(({ body }) => body.nodeId).reverse());
  });

  it('says what is none of them', () => {
    expect(readConsul([{ hosts: 7 }, 'text']).unreadable).toHaveLength(2);
  });
});

describe('what fits', () => {
  const instance = {
    id: 'a',
    service: 's',
    tags: [],
    endpoints: {},
    healthEndpoint: null,
    version: null,
    metadata: {},
    origin: {},
    absent: null,
  };
  const planOne = (change: object) => plan({ instances: [{ ...instance, ...change }], unreadable: [] });

  it.each([
    ['a:b/c d', 'a-b-c-d'],
    ['_hidden', 'hidden'],
    ['Ünïcode', 'n-code'],
    ['a'.repeat(300), expect.stringMatching(/^a{246}-[0-9a-f]{8}$/)],
  ])('the id %s becomes another one', (id, nodeId) => {
    const { planned } = planOne({ id });
    expect(planned[0]?.body.nodeId).toEqual(nodeId);
    expect(planned[0]?.notes).toEqual([`was ${id}`]);
  });

  it.each([
    ['an id of nothing', { id: '日本' }, 'node_id: must be'],
    ['a tag that is too long', { tags: ['t'.repeat(256)] }, 'capabilities'],
    ['a tag of nothing', { tags: [''] }, 'capabilities'],
    [
      'metadata that is too deep',
      { metadata: JSON.parse('{"a":'.repeat(80) + '1' + '}'.repeat(80)) },
      'metadata: must not be nested deeper',
    ],
  ])('%s does not', (_name, change, why) => {
    const { planned, unfit } = planOne(change);
    expect(planned).toEqual([]);
    expect(unfit[0]?.why).toContain(why);
  });

  it('what is there twice is one node; with another record it is none', () => {
    const changed = { ...instance, tags: ['x'] };
    const { planned, leftOut, unfit } = plan({ instances: [instance, instance, changed], unreadable: [] });
    expect(planned).toHaveLength(1);
    expect(leftOut).toEqual([{ where: 'a', why: 'it is there twice' }]);
    expect(unfit).toEqual([{ where: 'a', why: 'a is there with another record' }]);
  });

  it('the key follows from the content, and from nothing else', () => {
    const key = (change: object) => planOne(change).planned[0]?.idempotencyKey;
    expect(key({ metadata: { a: 1, b: 2 } })).toBe(key({ metadata: { b: 2, a: 1 } }));
    expect(key({ metadata: { a: 1 } })).not.toBe(key({ metadata: { a: 2 } }));
    expect(key({})).toMatch(/^import-[0-9a-f]{64}$/);
  });
});

describe('what is no file of JSON', () => {
  const folder = mkdtempSync(join(tmpdir(), 'rollcall-cli-'));

  it.each<[string, string | Buffer, string]>([
    ['XML', '<applications></applications>', "curl -H 'Accept: application/json'"],
    ['a snapshot', Buffer.from([0x1f, 0x8b, 8, 0, 0]), 'consul snapshot decode'],
    ['nothing', ' \n', 'is empty'],
    ['half a document', '{ "applications": ', 'neither JSON nor lines of JSON'],
    ['a bad line', '{"Type":"Register","Data":{}}\n{"Type":', 'line 2'],
  ])('%s is told, with what to do', async (_name, content, says) => {
    const file = join(folder, 'file');
    writeFileSync(file, content);
    const { code, err } = await run(['import', 'eureka', file, '--dry-run']);
    expect(code).toBe(EXIT.usage);
    expect(err).toContain(says);
  });
});
