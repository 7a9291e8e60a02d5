import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { describeStack } from '../../support/stack.js';
import { build, Rollcall } from '../rollcall.js';
import { pages, post, type NodeDocument } from './api.js';
import { idsOf, registers } from './fleets.js';
import { mixedPlace } from './mixed-place.js';
import { NodeStream } from './node-stream.js';
import { freePort, type Place } from './place.js';
import { LONG_TIMES } from './registry-suite.js';

const SIZE = 20;

describeStack('two replicas on one database, with the log in it', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let place: Place;
  let first: Rollcall;
  let second: Rollcall;

  beforeAll(async () => {
    await build();
    place = await mixedPlace(['DATABASE_URL'], LONG_TIMES);
    first = await Rollcall.start(place.environment);
    second = await Rollcall.start({ ...place.environment, PORT: String(await freePort()) });
  });

  afterAll(async () => {
    await Promise.all([first?.stop(), second?.stop()]);
    await place?.clear();
  });

  describe('as long as both are there', () => {
    it('registers what comes by either, and tells of it by both', async () => {
      await Promise.all([registers(told(first), 'one', SIZE), registers(told(second), 'two', SIZE)]);
      const ids = [...idsOf('one', SIZE), ...idsOf('two', SIZE)];
      for (const { url } of [first, second]) {
        const nodes = await pages<NodeDocument>(url, '/v1/nodes?state=active', 15);
        expect(nodes.map(({ nodeId }) => nodeId)).toEqual(ids);
      }
    });

    it('tells by one what was done by the other, and waits there for it', async () => {
      const [byFirst, bySecond] = await Promise.all([
        NodeStream.open(first.url, 'shared'),
        NodeStream.open(second.url, 'shared'),
      ]);
      for (const [index, { url }] of [first, second, first].entries()) {
        const description = { nodeId: 'shared', nodeType: 'effect', nodeVersion: `1.0.${index}` };
        const answer = await post(`${url}/v1/nodes`, description, { prefer: 'wait=30' });
        expect(answer).toMatchObject({ status: 201, body: { status: 'success' } });
      }
      await Promise.all([byFirst, bySecond].map((stream) => stream.until('NODE_REGISTRATION_UPDATED', 2)));
      expect(bySecond.course).toEqual(byFirst.course);
      byFirst.close();
      bySecond.close();
    });
  });

  it('goes on with the one that is left, whichever is killed', async () => {
    await first.kill();
    await registers(told(second), 'three', SIZE);
    first = await first.again();
    await second.kill();
    await registers(told(first), 'four', SIZE);
    second = await second.again();
  });

  it('stops one after the other, and leaves a journal that folds to what is stored', async () => {
    expect(await second.stop()).toBe(0);
    await registers(told(first), 'five', SIZE);
    expect(await first.stop()).toBe(0);
    expect((await place.fold()).problems).toEqual([]);
  });
});

function told(rollcall: Rollcall): { readonly url: string; tail(): string } {
  return { url: rollcall.url, tail: () => rollcall.tail() };
}
