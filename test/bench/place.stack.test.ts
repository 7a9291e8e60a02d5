import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import pg from 'pg';
import type { Place, Servers } from '../../src/bench/scenario.js';
import { makePlace, removePlace } from '../../src/bench/world/place.js';
import { createSyntheticNodes, syntheticNodes } from '../../src/bench/world/synthetic-nodes.js';
import { createTopics } from '../../src/bench/world/topics.js';
import { setCheck, setService, Transactions } from '../../src/bench/yardsticks/consul-operations.js';
import { createTables, writeActive, writeRegistered } from '../../src/bench/yardsticks/rows.js';
import { addressOf, describeStack, uniqueName, until } from '../support/stack.js';

describeStack('what the bench makes on the servers', ['kafka', 'consul', 'postgres'], () => {
  let servers: Servers;
  let place: Place;
  let admin: Admin;

  beforeAll(async () => {
    servers = {
      brokers: addressOf('kafka').split(','),
      consulUrl: addressOf('consul'),
      databaseUrl: addressOf('postgres'),
    };
    admin = new Kafka({ brokers: [...servers.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    place = await makePlace(servers, uniqueName('bench-test').toLowerCase());
  });
  afterAll(async () => {
    await removePlace(servers, place);
    await admin.disconnect();
  });

  const topics = async (): Promise<readonly string[]> =>
    (await admin.listTopics()).filter((topic) => topic.startsWith(place.topicPrefix));
  const consulNodes = async (): Promise<readonly string[]> => {
    const response = await fetch(new URL('/v1/catalog/nodes?consistent', servers.consulUrl));
    const nodes = (await response.json()) as { Node: string }[];
    return nodes.map(({ Node }) => Node).filter((name) => name.startsWith(place.registryId));
  };
  const services = async (): Promise<readonly string[]> => {
    // Others may have very many services of that name.
    const url = new URL('/v1/health/service/onex-effect?passing', servers.consulUrl);
    url.searchParams.set('filter', `Service.Meta.owner == "${place.registryId}"`);
    const entries = (await (await fetch(url)).json()) as { Service: { ID: string } }[];
    return entries.map(({ Service }) => Service.ID);
  };

  it('are a row and a journal row each', async () => {
    const pool = new pg.Pool({ connectionString: place.databaseUrl });
    await createTables(pool);
    const row = (nodeId: string) => ({
      nodeId,
      record: '{"of": 1}',
      eventId: randomUUID(),
      input: `{"to": "${nodeId}"}`,
    });
    await writeRegistered(pool, [row('b'), row('a')]);
    await writeRegistered(pool, [row('a')]);
    await writeActive(pool, [row('b')]);
    const states = await pool.query('select node_id, state, record from registrations order by node_id');
    expect(states.rows).toEqual([
      { node_id: 'a', state: 'registered', record: { of: 1 } },
      { node_id: 'b', state: 'active', record: { of: 1 } },
    ]);
    const journal = await pool.query('select node_id, count(*)::int from journal group by node_id order by node_id');
    expect(journal.rows).toEqual([
      { node_id: 'a', count: 2 },
      { node_id: 'b', count: 2 },
    ]);
    await pool.end();
  });

  it('are topics, and nodes and services of Consul, and nothing is left of it', async () => {
    await Promise.all([
      createTopics(servers.brokers, [`${place.topicPrefix}.one`, `${place.topicPrefix}.two`]),
      createSyntheticNodes(servers.consulUrl, place.registryId),
    ]);
    expect(await topics()).toHaveLength(2);
    expect([...(await consulNodes())].sort()).toEqual(syntheticNodes(place.registryId));

    const consul = new Transactions(servers.consulUrl, 2);
    const entries = ['a', 'b', 'c'].map((nodeId) => ({ nodeId, registryId: place.registryId }));
    await consul.put(
      entries.flatMap((entry) => [setService(entry), setCheck(entry, 'critical')]),
      4,
    );
    expect(await services()).toEqual([]);
    await consul.put([setCheck(entries[0]!, 'passing')], 64);
    expect(await services()).toEqual(['onex-effect-a']);
    await expect(
      consul.put(['{"Service":{"Verb":"set","Node":"nobody","Service":{"Service":"x"}}}'], 1),
    ).rejects.toThrow('Consul answers 409');
    await consul.close();

    await removePlace(servers, place);
    // Kafka answers before every list is without them.
    await until(async () => (await topics()).length === 0, { what: 'the topics to be gone' });
    expect(await consulNodes()).toEqual([]);
    const client = new pg.Client({ connectionString: place.databaseUrl });
    await expect(client.connect()).rejects.toThrow('does not exist');
    await removePlace(servers, place); // nothing there is no error
  });
});
