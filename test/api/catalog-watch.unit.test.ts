import { EventEmitter, once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { CatalogWatch } from '../../src/api/catalog/catalog-watch.js';
import { TestBus } from './test-app.js';

/** A catalog whose index a test sets, and that tells when it is looked at. */
class FakeCatalog extends EventEmitter<{ looked: [] }> {
  current = 5;
  failure: Error | null = null;

  index(): Promise<number> {
    this.emit('looked');
    return this.failure === null ? Promise.resolve(this.current) : Promise.reject(this.failure);
  }
}

const LONG = 60_000;
const never = new AbortController().signal;

function watched() {
  const catalog = new FakeCatalog();
  const bus = new TestBus();
  return { catalog, bus, watch: new CatalogWatch(catalog, bus) };
}

describe('who waits for the catalog', () => {
  it('is answered at once when it is past the index already', async () => {
    const { watch, bus } = watched();
    await watch.past(4, LONG, never);
    expect(bus.followers.size).toBe(0);
  });

  it('is answered when it changes and something was heard of a node', async () => {
    const { watch, catalog, bus } = watched();
    const looked = once(catalog, 'looked');
    const answers = Promise.all([watch.past(5, LONG, never), watch.past(5, LONG, never)]);
    await looked;
    catalog.current = 6;
    for (const follower of bus.followers) follower.decided(['n1']);
    await answers;
    expect(bus.followers.size).toBe(0);
  });

  it('is answered although nobody here has heard of the change', async () => {
    const { watch, catalog } = watched();
    const looked = once(catalog, 'looked');
    const answer = watch.past(5, LONG, never);
    await looked;
    catalog.current = 6;
    await answer;
  });

  it('is not answered by a hint alone', async () => {
    const { watch, catalog, bus } = watched();
    let answered = false;
    const answer = watch.past(5, LONG, never).then(() => (answered = true));
    await once(catalog, 'looked');
    for (const follower of bus.followers) follower.missed();
    await once(catalog, 'looked');
    expect(answered).toBe(false);
    watch.beforeApplicationShutdown();
    await answer;
  });

  it('waits no longer than it wanted to', async () => {
    const { watch } = watched();
    await watch.past(5, 1, never); // or the test does not end
  });

  it('is forgotten when it goes', async () => {
    const { watch, catalog } = watched();
    const gone = new AbortController();
    const answer = watch.past(5, LONG, gone.signal);
    await once(catalog, 'looked');
    gone.abort();
    await answer;
  });

  it('hears that the catalog is away, and may come again', async () => {
    const { watch, catalog } = watched();
    catalog.failure = new Error('away');
    await expect(watch.past(5, LONG, never)).rejects.toThrow('away');
    catalog.failure = null;
    await watch.past(4, LONG, never);
  });

  it('is answered when the process stops, and does not wait again', async () => {
    const { watch, catalog } = watched();
    const answer = watch.past(5, LONG, never);
    await once(catalog, 'looked');
    watch.beforeApplicationShutdown();
    await answer;
    await watch.past(5, LONG, never);
  });
});
