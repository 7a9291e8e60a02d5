import { describe, expect, it } from '@jest/globals';
import { settle } from '../src/client/settled.js';
import { selfDescription, type SelfOptions } from '../src/self-registration/self-description.js';

const OPTIONS: SelfOptions = {
  registryId: 'rollcall',
  kafka: null,
  ownUrl: 'http://127.0.0.1:3000',
  listensOn: '127.0.0.1',
  advertisedUrl: null,
  hostname: 'box-7',
  version: '0.1.0',
  roles: ['api', 'reducer'],
};

function self(options: Partial<SelfOptions> = {}) {
  return selfDescription({ ...OPTIONS, ...options });
}

describe('this process as a node', () => {
  it('is what every node could say', () => {
    expect(settle(self(), 1).description).toEqual({
      nodeId: 'rollcall-box-7-3000',
      nodeType: 'orchestrator',
      nodeVersion: '0.1.0',
      capabilities: { registry: true, operations: ['api', 'reducer'] },
      endpoints: { api: 'http://127.0.0.1:3000', health: 'http://127.0.0.1:3000/health' },
      metadata: { registry_id: 'rollcall', hostname: 'box-7' },
      healthEndpoint: 'http://127.0.0.1:3000/health',
      reason: 'startup',
      incarnation: 1,
    });
  });

  it.each([
    [{ hostname: 'Büro PC' }, 'rollcall-b-ro-pc-3000'],
    [{ ownUrl: 'http://127.0.0.1' }, 'rollcall-box-7-80'],
    [{ hostname: 'h'.repeat(300) }, `rollcall-${'h'.repeat(241)}-3000`],
  ])('with %j has an id that is allowed', (options, id) => {
    expect(settle(self(options), 1).description.nodeId).toBe(id);
  });

  it.each([
    [{ listensOn: '0.0.0.0' }, 'http://box-7:3000'],
    [{ listensOn: '::', ownUrl: 'http://[::1]:3000' }, 'http://box-7:3000'],
    [{ listensOn: '10.0.0.7', ownUrl: 'http://10.0.0.7:3000' }, 'http://10.0.0.7:3000'],
    [{ listensOn: '0.0.0.0', advertisedUrl: 'https://rollcall.example/' }, 'https://rollcall.example'],
  ])('with %j is found at %s', (options, url) => {
    expect(self(options).endpoints).toEqual({ api: url, health: `${url}/health` });
  });

  it('speaks as others do: over Kafka where there is one, else to its own port', () => {
    expect(self().registry).toEqual({ url: 'http://127.0.0.1:3000' });
    const kafka = { brokers: ['a:1'], topicPrefix: 'x' };
    expect(self({ kafka }).registry).toEqual({ kafka });
  });
});
