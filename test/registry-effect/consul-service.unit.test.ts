import { describe, expect, it } from '@jest/globals';
import { consulNames } from '../../src/registry-effect/consul/service-names.js';
import { consulUrl } from '../../src/registry-effect/consul/consul-options.js';
import { serviceAddress } from '../../src/registry-effect/consul/service-address.js';
import { serviceChange } from '../../src/registry-effect/consul/service-change.js';
import { deregister, register } from './sample-intents.js';

const serviceId = (nodeId: string): string => consulNames('rollcall', nodeId).serviceId('effect');
const parsed = (operations: readonly string[]): unknown[] => operations.map((operation) => JSON.parse(operation));

describe('names in Consul', () => {
  it.each([
    ['image-resizer.7_b', 'onex-effect-image-resizer.7_b'],
    ['Image', 'onex-effect-Image-1aa4cb0b'],
    ['node-20261121', 'onex-effect-node-20261121-ac0b7d33'],
    ['node-2026112', 'onex-effect-node-2026112'],
  ])('%s is %s', (nodeId, expected) => expect(serviceId(nodeId)).toBe(expected));

  it('keeps apart what differs by case only, and an id that imitates the suffix of another', () => {
    const imitation = serviceId('Image').toLowerCase().replace('onex-effect-', '');
    const ids = ['image', 'Image', 'IMAGE', imitation].map((nodeId) => serviceId(nodeId).toLowerCase());
    expect(new Set(ids).size).toBe(4);
  });

  it('spreads ids over 256 synthetic nodes', () => {
    const nodes = new Set(Array.from({ length: 5_000 }, (_, index) => consulNames('fleet', `n${index}`).node));
    expect(nodes.size).toBe(256);
    expect([...nodes].every((node) => /^fleet-[0-9a-f]{2}$/.test(node))).toBe(true);
  });
});

describe('the address of a service', () => {
  it.each([
    [{ api: 'http://10.0.0.7:8080/x', health: 'http://other:1' }, '10.0.0.7', 8080],
    [{ api: 'http://host/' }, 'host', 80],
    [{ api: 'http://host:80' }, 'host', 80],
    [{ api: 'https://user:pw@host' }, 'host', 443],
    [{ api: 'https://[2001:db8::1]:9443' }, '2001:db8::1', 9443],
    [{ api: 'grpc://host:50051' }, 'host', 50051],
    [{ api: 'wss://host/socket' }, 'host', 443],
    [{ api: 'unix:/run/node.sock', health: 'http://host:9000' }, 'host', 9000],
    [{ health: 'http://host:9000' }, 'host', 9000],
    [{ admin: 'http://host:9000' }, '', 0],
    [{}, '', 0],
  ])('%j gives %s:%i', (endpoints, address, port) => {
    expect(serviceAddress(endpoints as Record<string, string>)).toEqual({ address, port });
  });
});

describe('the operations of an intent', () => {
  const names = consulNames('rollcall', 'n1');
  const check = (status: string, output: string) => ({
    Check: {
      Verb: 'set',
      Check: {
        Node: names.node,
        CheckID: 'rollcall:onex-effect-n1',
        Name: 'Rollcall registration',
        ServiceID: 'onex-effect-n1',
        ServiceName: 'onex-effect',
        Status: status,
        Output: output,
      },
    },
  });

  it('are a service and a check for a registration', () => {
    expect(parsed(serviceChange(register('n1', { revision: 7 }), 'rollcall').operations)).toEqual([
      {
        Service: {
          Verb: 'set',
          Node: names.node,
          Service: {
            ID: 'onex-effect-n1',
            Service: 'onex-effect',
            Tags: ['onex', 'node_type:effect', 'cap:resize', 'cap:formats'],
            Address: '10.1.2.3',
            Port: 8080,
            Meta: { node_id: 'n1', node_version: '1.2.3', revision: '7', owner: 'rollcall' },
          },
        },
      },
      check('critical', 'awaiting acknowledgement'),
    ]);
  });

  it('are the check alone when only health changed', () => {
    const change = serviceChange(register('n1', { health: 'passing', onlyHealth: true }), 'rollcall');
    expect(parsed(change.operations)).toEqual([check('passing', '')]);
    expect(change.whole?.().operations).toHaveLength(2);
  });

  it('remove the services of other types, and never the one just written', () => {
    const { operations } = serviceChange(register('n1', { otherNodeTypes: ['compute', 'effect'] }), 'rollcall');
    const deleted = { ID: 'onex-compute-n1', Service: 'onex-compute' };
    expect(parsed(operations).slice(2)).toEqual([{ Service: { Verb: 'delete', Node: names.node, Service: deleted } }]);
  });

  it('are one delete a type for a deregistration', () => {
    expect(serviceChange(deregister('n1', ['effect', 'reducer']), 'rollcall').operations).toHaveLength(2);
    expect(serviceChange(deregister('n1', []), 'rollcall').operations).toEqual([]);
  });

  it('never carry a node ID', () => {
    expect(serviceChange(register('n1'), 'rollcall').operations.join()).not.toMatch(/"Node":\{[^}]*"ID"/);
  });
});

describe('the address of Consul', () => {
  it.each([
    ['127.0.0.1:8500', 'http://127.0.0.1:8500'],
    ['https://consul.example:8501/', 'https://consul.example:8501'],
  ])('%s', (address, origin) => expect(consulUrl(address).origin).toBe(origin));

  it.each(['unix:///run/consul.sock', 'http://host/prefix', 'http://user:pw@host', 'http://'])(
    '%s is refused',
    (address) => expect(() => consulUrl(address)).toThrow('address of Consul'),
  );
});
