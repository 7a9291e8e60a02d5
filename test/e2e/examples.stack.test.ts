import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { addressOf, describeStack, until } from '../support/stack.js';
import { Registry } from './both/registry.js';
import { stackPlace } from './both/stack-place.js';
import { Example } from './example.js';
import { build } from './rollcall.js';

describeStack('an example, over Kafka', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(300_000);
  let registry: Registry;
  let node: Example | undefined;

  beforeAll(async () => {
    await build();
    registry = await Registry.start(stackPlace, {});
  });
  afterAll(async () => {
    await node?.stop('SIGKILL');
    await registry?.clear();
  });

  it('joins, is alive, and leaves', async () => {
    const { TOPIC_PREFIX = '' } = registry.place.environment;
    const environment = { KAFKA_BROKERS: addressOf('kafka'), TOPIC_PREFIX, NODE_ID: 'over-kafka' };
    node = Example.run('join-kafka.mjs', environment);
    await node.says('over-kafka is active');
    await until(async () => (await registry.node('over-kafka'))['lastHeartbeatAt'] !== null, {
      what: 'a heartbeat',
    });
    await registry.untilPassing('over-kafka', ['over-kafka']);
    expect(await registry.node('over-kafka')).toMatchObject({ state: 'active', metadata: { zone: 'b' } });
    expect(await node.stop('SIGTERM')).toBe('SIGTERM');
    expect(node.said('over-kafka has said goodbye')).toBe(1);
    await until(async () => (await registry.node('over-kafka')).state === 'deregistered', { what: 'the end of it' });
  });
});
