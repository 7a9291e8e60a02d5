import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ANSWER_TYPES, HttpTransport, introspect, stamped, type Listener } from '../../src/client/index.js';
import { descriptionOf } from '../../src/fleet/simulated-node.js';
import { until } from '../support/stack.js';
import { answer, CORRELATION } from './answers.js';
import { FakeRegistry } from './http-registry.js';

const NODE = 'n-1';

function introspection() {
  const [saying] = introspect(descriptionOf(NODE, 0, 1), CORRELATION).says;
  if (saying === undefined) throw new Error('a node begins with its introspection');
  return stamped(NODE, saying);
}

function listening() {
  const heard: string[] = [];
  const reach: string[] = [];
  const listener: Listener = {
    types: ANSWER_TYPES,
    knows: () => true,
    hear: ({ decoded }) => heard.push(decoded.ok ? decoded.message.eventType : decoded.reason),
    heardAll: () => undefined,
    trouble: () => undefined,
    away: (reason) => reach.push(`away: ${reason}`),
    back: () => reach.push('back'),
  };
  return { heard, reach, listener };
}

describe('the HTTP transport, and a registry that is not always there', () => {
  let registry: FakeRegistry;
  let url: string;
  let open: HttpTransport[];

  beforeEach(async () => {
    registry = new FakeRegistry();
    url = await registry.start();
    open = [];
  });
  afterEach(async () => {
    await Promise.all(open.map((transport) => transport.close()));
    await registry.stop();
  });

  function made(options: Partial<ConstructorParameters<typeof HttpTransport>[0]> = {}): HttpTransport {
    const transport = new HttpTransport({ url, ...options });
    open.push(transport);
    return transport;
  }

  it('tells when it goes while it opens, and when it is back', async () => {
    const { reach, listener } = listening();
    registry.refuse = () => (reach.length === 0 ? { status: 503, body: {} } : undefined);
    await made().open(listener);
    expect(reach).toEqual([expect.stringMatching(/^away: Rollcall at .* is there, but not ready/), 'back']);
  });

  it('tells when it takes nothing, and when it does again', async () => {
    const { reach, listener } = listening();
    const sut = made();
    await sut.open(listener);
    let posts = 0;
    registry.refuse = ({ method }) => (method === 'POST' && (posts += 1) < 3 ? { status: 503, body: {} } : undefined);
    await sut.send([introspection()]);
    expect(reach).toEqual([expect.stringMatching(/^away: sending fails, trying again: status 503/), 'back']);
  });

  it('tells when it cannot be heard, for all that is away at once, and hears on from where it was', async () => {
    const { heard, reach, listener } = listening();
    const sut = made();
    await sut.open(listener);
    await sut.send([introspection()]);
    registry.refuse = () => ({ status: 503, body: {} });
    registry.hangUp(NODE);
    const sent = sut.send([introspection()]);
    registry.tell(NODE, answer('NODE_REGISTRATION_ACCEPTED'), '2.0');
    await until(() => reach.length > 0, { what: 'the loss' });
    registry.refuse = () => undefined;
    await sent;
    await until(() => heard.length === 1, { what: 'what was said meanwhile' });
    await until(() => reach.length === 2, { what: 'the return' });
    expect(reach).toEqual([expect.stringMatching(/^away: /), 'back']);
  });

  it('tells that it answers, when at last it refuses', async () => {
    const { reach, listener } = listening();
    const sut = made();
    await sut.open(listener);
    let posts = 0;
    registry.refuse = ({ method }) =>
      method === 'POST' ? { status: (posts += 1) === 1 ? 503 : 403, body: { detail: 'no' } } : undefined;
    await expect(sut.send([introspection()])).rejects.toThrow('NODE_INTROSPECTION of n-1: 403: no');
    expect(reach.at(-1)).toBe('back');
  });

  it('asks for a refused stream again with the next message', async () => {
    const { reach, listener } = listening();
    const sut = made();
    await sut.open(listener);
    registry.refuse = ({ url: path }) => (path?.endsWith('/events') === true ? { status: 401, body: {} } : undefined);
    await expect(sut.send([introspection()])).rejects.toThrow('the event stream is refused, status 401');
    registry.refuse = () => undefined;
    await sut.send([introspection()]);
    expect(registry.posted).toMatchObject([{ listening: 1 }]);
    expect(reach).toEqual([]);
  });

  it('does not give up a stream that was open, whatever it is refused with', async () => {
    const { heard, listener } = listening();
    const sut = made();
    await sut.open(listener);
    await sut.send([introspection()]);
    let refusals = 0;
    registry.refuse = () => ((refusals += 1) < 3 ? { status: 404, body: {} } : undefined);
    registry.hangUp(NODE);
    registry.tell(NODE, answer('NODE_REGISTRATION_ACCEPTED'), '2.0');
    await until(() => heard.length === 1, { what: 'what was said meanwhile' });
    expect(refusals).toBeGreaterThanOrEqual(3);
  });

  it('shows its token with all that it asks, a new one when there is one', async () => {
    const shown: unknown[] = [];
    let token = 0;
    registry.refuse = ({ url: path, headers }) => {
      shown.push([path?.split('/').at(-1), headers.authorization]);
      return undefined;
    };
    const sut = made({ token: () => Promise.resolve(`t-${(token += 1)}`) });
    await sut.open(listening().listener);
    await sut.send([introspection()]);
    expect(shown).toEqual([
      ['ready', 'Bearer t-1'],
      ['events', 'Bearer t-2'],
      ['introspection', 'Bearer t-3'],
    ]);
    await made({ token: 'fixed' }).open(listening().listener);
    expect(shown.at(-1)).toEqual(['ready', 'Bearer fixed']);
  });

  it('gives a message the headers that it is told to, made of the very body', async () => {
    const sut = made({ headers: ({ eventType }, body) => ({ 'x-length': String(Buffer.byteLength(body)), 'x-type': eventType }) }); // prettier-ignore
    await sut.open(listening().listener);
    await sut.send([introspection()]);
    const [posted] = registry.posted;
    expect(posted?.headers).toMatchObject({
      'x-type': 'NODE_INTROSPECTION',
      'x-length': posted?.headers['content-length'],
    });
  });
});
