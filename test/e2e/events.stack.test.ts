import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';
import { EVENT_TOPICS } from '../../src/runtime/events/event-topics.js';
import { Reader } from '../api/gateway-support.js';
import { describeStack, until } from '../support/stack.js';
import { LONG_TIMES } from './both/registry-suite.js';
import { build, fleet, Rollcall } from './rollcall.js';
import { World, type Seen } from './world.js';

const NODES = 200;

describeStack('the events of a herd', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let replicas: Rollcall[] = [];

  beforeAll(async () => {
    await build();
    world = await World.create(LONG_TIMES);
    replicas = await Promise.all([Rollcall.start(world.environment), Rollcall.start(world.environment)]);
  });
  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await world?.close();
  });

  const urlOf = (replica: number) => replicas[replica % replicas.length]?.url ?? '';
  const placeOf = ({ topic, partition, offset }: Seen) => `${topic}/${partition}/${offset}`;
  const idOf = (data: string) => (JSON.parse(data) as { event_id: string }).event_id;
  const counted = (ids: readonly string[]) => [...ids].sort();

  /** Opens a stream after an id, at one replica after the other, cuts it at a random moment, and so on. */
  async function cutAgainAndAgain(first: Reader, isOver: () => boolean) {
    const told: string[] = [];
    let position = first.position;
    first.close();
    let cuts = 0;
    for (; !isOver() || cuts < 10; cuts++) {
      const reader = await Reader.open(`${urlOf(cuts)}/v1/events`, { 'last-event-id': position });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 250));
      reader.close();
      told.push(...reader.told.map(({ data }) => data));
      position = reader.position || position;
    }
    const last = await Reader.open(`${urlOf(cuts)}/v1/events`, { 'last-event-id': position });
    await until(() => last.comments.includes('up to date'), { what: 'the present' });
    told.push(...last.told.map(({ data }) => data));
    last.close();
    return told;
  }

  it('come to everybody, whole and once: with filters, over broken connections, at either replica, and as a subscription', async () => {
    const active = 'NODE_BECAME_ACTIVE';
    const all = await Reader.open(`${urlOf(0)}/v1/events`);
    const some = await Reader.open(`${urlOf(1)}/v1/events?eventType=${active},NODE_REGISTRATION_ACK_RECEIVED`);
    const toBeCut = await Reader.open(`${urlOf(0)}/v1/events`);
    const client = createClient({ url: `${urlOf(1)}/graphql`, webSocketImpl: WebSocket });
    const subscribed: string[] = [];
    const stop = client.subscribe<{ nodeEvents: { eventId: string } }>(
      { query: `subscription { nodeEvents(filter: { eventType: "${active}" }) { eventId } }` },
      { next: ({ data }) => subscribed.push(data?.nodeEvents.eventId ?? ''), error: () => undefined, complete: () => undefined }, // prettier-ignore
    );
    const follows = (text: string) => until(async () => (await (await fetch(`${urlOf(1)}/metrics`)).text()).includes(text), { what: text }); // prettier-ignore
    await follows('rollcall_event_followers{protocol="graphql"} 1');
    await until(() => [all, some, toBeCut].every(({ comments }) => comments.includes('up to date')), {
      what: 'the beginning',
    });
    const earlier = await world.read(EVENT_TOPICS);
    const before = new Set(earlier.map(placeOf));
    // A replica that has just begun may ask for introductions while these come.
    const known = new Set(earlier.map(({ envelope }) => envelope.event_id));
    const ofFleet = (data: readonly string[]) => data.filter((text) => !known.has(idOf(text)));
    const heardByAll = () => ofFleet(all.told.map(({ data }) => data));

    let isOver = false;
    const cut = cutAgainAndAgain(toBeCut, () => isOver);
    const report = await fleet(world.environment, '--nodes', String(NODES), '--timeout', '120');
    expect(report).toMatchObject({ code: 0 });
    isOver = true;
    const told = await cut;

    const seen = (await world.read(EVENT_TOPICS)).filter((record) => !before.has(placeOf(record)));
    const wanted = counted(seen.map(({ envelope }) => envelope.event_id));
    expect(seen.filter(({ envelope }) => envelope.event_type === active)).toHaveLength(NODES);
    await until(() => heardByAll().length >= wanted.length, { what: 'all events' });
    expect(counted(heardByAll().map(idOf))).toEqual(wanted);
    expect(new Set(heardByAll())).toEqual(new Set(seen.map(({ value }) => value)));
    expect(counted(ofFleet(told).map(idOf))).toEqual(wanted);

    const ofTypes = seen.filter(({ envelope }) =>
      [active, 'NODE_REGISTRATION_ACK_RECEIVED'].includes(envelope.event_type),
    );
    await until(() => some.told.length >= ofTypes.length, { what: 'those of two types' });
    expect(counted(some.told.map(({ data }) => idOf(data)))).toEqual(
      counted(ofTypes.map(({ envelope }) => envelope.event_id)),
    );
    const activations = ofTypes.filter(({ envelope }) => envelope.event_type === active);
    await until(() => subscribed.length >= activations.length, { what: 'the subscription' });
    expect(counted(subscribed)).toEqual(counted(activations.map(({ envelope }) => envelope.event_id)));
    // Topics keep no order between each other: what is told in the same moment may come in any.
    const node = activations[0]?.key ?? '';
    const types = all.told.filter(({ data }) => data.includes(`"node_id":"${node}"`)).map(({ type }) => type);
    expect(new Set(types)).toEqual(
      new Set(['NODE_REGISTRATION_INITIATED', 'NODE_REGISTRATION_ACCEPTED', 'NODE_REGISTRATION_ACK_RECEIVED', active]),
    );
    stop();
    for (const reader of [all, some]) reader.close();
    await client.dispose();
  });

  it('come after a kill -9 from whoever is left, and from the beginning to who asks for it', async () => {
    const reader = await Reader.open(`${urlOf(0)}/v1/events?nodeId=none`);
    await until(() => reader.comments.includes('up to date'), { what: 'the present' });
    const { position } = reader;
    await replicas[0]?.kill();
    await until(() => reader.hasEnded, { what: 'the end of the stream' });
    const after = await Reader.open(`${urlOf(1)}/v1/events`, { 'last-event-id': position });
    await fetch(`${urlOf(1)}/v1/nodes`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ nodeId: 'after-the-kill', nodeType: 'effect' }),
    });
    await until(() => after.told.some(({ type, data }) => type === 'NODE_BECAME_ACTIVE' && data.includes('after-the-kill')), { what: 'the node' }); // prettier-ignore
    after.close();
    const seen = await world.read(EVENT_TOPICS);
    const earliest = await Reader.open(`${urlOf(1)}/v1/events?from=earliest`);
    await until(() => earliest.comments.includes('up to date'), { what: 'the present' });
    expect(counted(earliest.told.map(({ data }) => idOf(data))).length).toBeGreaterThanOrEqual(NODES * 4);
    const told = new Set(earliest.told.map(({ data }) => data));
    expect(seen.filter(({ value }) => !told.has(value)).map(placeOf)).toEqual([]);
    earliest.close();
  });
});
