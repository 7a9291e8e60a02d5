import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { together } from '../together.js';
import { deregister, get, type PageOf } from './api.js';
import { HttpNode } from './http-node.js';
import { idOfLife, living, LIVES } from './lives.js';
import { NodeStream, type Told } from './node-stream.js';
import type { Registry } from './registry.js';

/** Every way through a node's life, each as the node hears it; and how it goes on when the registry was away. */
export function lifecycle(registry: () => Registry): void {
  const nodes = new Map<string, HttpNode>();
  const nodeOf = (name: string): HttpNode => {
    const node = nodes.get(name);
    if (node === undefined) throw new Error(`nobody lives ${name}`);
    return node;
  };

  beforeAll(async () => {
    for (const name of Object.keys(LIVES)) nodes.set(name, await HttpNode.open(registry().url, idOfLife(name)));
  });

  afterAll(() => {
    for (const { stream } of nodes.values()) stream.close();
  });

  together(
    registry,
    Object.fromEntries(Object.entries(LIVES).map(([name, life]) => [name, living(life, () => nodeOf(name))])),
  );

  it('tells each node its course once, in order, under ids that grow', () => {
    for (const [name, { tells }] of Object.entries(LIVES)) {
      const { course } = nodeOf(name).stream;
      expect(course.map(({ type }) => type)).toEqual(tells);
      const places = course.map(placeOf);
      expect(places).toEqual([...places].sort((a, b) => a - b));
      expect(new Set(places).size).toBe(places.length);
    }
  });

  it('goes on after a restart where each node was, without a gap or a double', async () => {
    await registry().stop();
    await Promise.all([...nodes.values()].map(({ stream }) => stream.ended()));
    await registry().start();
    for (const { nodeId, stream } of nodes.values()) {
      const { course } = stream;
      for (const [index, { id }] of course.entries()) {
        const rest = await heardAfter(registry().url, nodeId, id ?? '');
        expect(rest.map(shown)).toEqual(course.slice(index + 1).map(shown));
      }
    }
  });

  it('tells what happened while a node was away, and goes on with what happens then', async () => {
    const { nodeId, stream } = nodeOf('an operator who registers by hand, changes, and leaves it at that');
    const { url } = registry();
    const other = await NodeStream.open(url, nodeId);
    expect((await deregister(url, nodeId)).status).toBe(200);
    const gone = await other.until('NODE_DEREGISTERED');
    other.close();
    const back = await NodeStream.open(url, nodeId, stream.position);
    expect(shown(await back.until('NODE_DEREGISTERED'))).toEqual(shown(gone));
    expect(back.course).toHaveLength(1);
    back.close();
  });

  it('had nothing that it could not handle', async () => {
    expect((await get<PageOf<unknown>>(`${registry().url}/v1/dead-letters`)).body.items).toEqual([]);
  });
}

async function heardAfter(url: string, nodeId: string, lastEventId: string): Promise<readonly Told[]> {
  const stream = await NodeStream.open(url, nodeId, lastEventId);
  await stream.upToDate();
  stream.close();
  return stream.course;
}

function shown({ id, type, data }: Told): string {
  return `${id} ${type} ${data}`;
}

/** Its id as a number: `7.1` comes behind `7.0` and before `8.0`. */
function placeOf({ id }: Told): number {
  const [version = 0, index = 0] = (id ?? '').split('.').map(Number);
  return version * 1000 + index;
}
