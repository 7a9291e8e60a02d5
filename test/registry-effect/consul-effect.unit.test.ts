import { afterEach, describe, expect, it, jest } from '@jest/globals';
import {
  BackendUnavailable,
  consulHealth,
  createConsulEffect,
  type ConsulEffect,
  type ConsulEffectOptions,
} from '../../src/registry-effect/index.js';
import { COMMITTED, fakeConsul, rolledBack, type Answer, type FakeConsul, type Request } from './fake-consul.js';
import { at, deregister, names, register, removal } from './sample-intents.js';

/** Only time-outs are faked: the sockets are real. */
const REAL = [
  'Date',
  'hrtime',
  'nextTick',
  'performance',
  'queueMicrotask',
  'setImmediate',
  'clearImmediate',
  'setInterval',
  'clearInterval',
] as const;

const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  jest.useRealTimers();
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

/** The effect against a server that answers as told. */
async function newEffect(
  answer: (request: Request, number: number) => Answer | Promise<Answer>,
  options: Partial<ConsulEffectOptions> = {},
): Promise<{ effect: ConsulEffect; server: FakeConsul; errors: string[] }> {
  const errors: string[] = [];
  const server = await fakeConsul(answer);
  const effect = createConsulEffect({
    address: server.address,
    registryId: 'test',
    retryBaseMs: 1,
    requestTimeoutMs: 60_000,
    onError: (code, message) => errors.push(`${code} ${message}`),
    ...options,
  });
  cleanups.push(server.close, () => effect.close());
  return { effect, server, errors };
}

const registrations = (count: number) => names(count).map((nodeId) => at(register(nodeId)));
const unavailable = (work: Promise<unknown>): Promise<BackendUnavailable> =>
  work.then(
    () => Promise.reject(new Error('should have been unavailable')),
    (error: BackendUnavailable) => error,
  );
const mentions = (request: Request, nodeId: string): boolean =>
  request.operations.some(({ Service }) => Service?.Service.Meta?.['node_id'] === nodeId);

describe('transactions', () => {
  it('are full, and not more than there are connections under way', async () => {
    const { effect, server } = await newEffect(() => COMMITTED, { connections: 3 });
    const outcomes = await effect.registerConsulServices.apply(registrations(500));
    expect(outcomes).toEqual(Array(500).fill({ ok: true }));
    expect(server.requests.map(({ operations }) => operations.length).sort((a, b) => b - a)).toEqual([
      ...Array(15).fill(64),
      40,
    ]);
    expect(server.peak()).toBeLessThanOrEqual(3);
  });

  it('hold service and check of a node together', async () => {
    const { effect, server } = await newEffect(() => COMMITTED);
    await effect.registerConsulServices.apply(registrations(100));
    for (const { operations } of server.requests) {
      const checks = operations.flatMap(({ Check }) => (Check ? [Check.Check.CheckID] : []));
      const services = operations.flatMap(({ Service }) => (Service ? [`rollcall:${Service.Service.ID}`] : []));
      expect(checks).toEqual(services);
    }
  });

  it('stay well below the size that Consul takes; what is too large for that goes alone', async () => {
    const { effect, server } = await newEffect(() => COMMITTED);
    const tags = (bytes: number): string[] =>
      Array.from({ length: bytes / 100 }, (_, index) => `${index}`.padEnd(47, 'ü'));
    const large = names(20).map((nodeId) => at(register(nodeId, { record: { capabilityTags: tags(20_000) } })));
    const huge = at(register('huge', { record: { capabilityTags: tags(300_000) } }));
    await effect.registerConsulServices.apply([...large, huge]);
    const sizes = server.requests.filter((request) => !mentions(request, 'huge')).map(({ bytes }) => bytes);
    expect(sizes.length).toBeGreaterThan(1);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(256 * 1024);
    expect(server.requests.find((request) => mentions(request, 'huge'))?.operations).toHaveLength(2);
  });

  it('keep their connection, however long the answer is', async () => {
    const { effect, server } = await newEffect(() => ({ status: 200, body: ' '.repeat(1_000_000) }), {
      connections: 1,
    });
    await effect.registerConsulServices.apply(registrations(100));
    expect(server.requests).toHaveLength(4);
    expect(server.connections()).toBe(1);
  });

  it('carry the token', async () => {
    const { effect, server } = await newEffect(() => COMMITTED, { token: 'a-consul-token' });
    await effect.deregisterConsulServices.apply([at(deregister('n1'))]);
    expect(server.requests.map(({ token }) => token)).toEqual(['a-consul-token']);
  });

  it('remove one entry by its names, and nothing besides', async () => {
    const { effect, server } = await newEffect(() => COMMITTED);
    const ghost = removal('n1', { consulNode: 'elsewhere', serviceId: 'onex-effect-n1', serviceName: 'onex-effect' });
    expect(await effect.removeConsulServices.apply([at(ghost)])).toEqual([{ ok: true }]);
    expect(server.requests.map(({ operations }) => operations)).toEqual([
      [
        {
          Service: { Verb: 'delete', Node: 'elsewhere', Service: { ID: 'onex-effect-n1', Service: 'onex-effect' } },
        },
      ],
    ]);
  });

  it('are not needed where there is nothing to do', async () => {
    const { effect, server } = await newEffect(() => COMMITTED);
    expect(await effect.deregisterConsulServices.apply([at(deregister('n1', []))])).toEqual([{ ok: true }]);
    expect(await effect.registerConsulServices.apply([])).toEqual([]);
    expect(server.requests).toEqual([]);
  });
});

describe('a refusal', () => {
  it('that names no culprit is bisected: only the culprit fails', async () => {
    const { effect } = await newEffect((request) =>
      mentions(request, 'node-0123') ? { status: 400, body: 'Failed to parse body: too odd' } : COMMITTED,
    );
    const outcomes = await effect.registerConsulServices.apply(registrations(300));
    expect(outcomes.flatMap((outcome, index) => (outcome.ok ? [] : [index]))).toEqual([123]);
    expect(outcomes[123]).toEqual({
      ok: false,
      errorCode: 'CONSUL_VALIDATION_ERROR',
      errorMessage: 'Consul answered 400: Failed to parse body: too odd',
    });
  });

  it.each([
    ['of an operation that we did not send', rolledBack({ OpIndex: 999, What: 'odd' })],
    ['without any culprit', { status: 409, body: 'odd' }],
  ])('%s is bisected too', async (_, answer) => {
    const { effect } = await newEffect((request) => (mentions(request, 'node-0003') ? answer : COMMITTED));
    const outcomes = await effect.registerConsulServices.apply(registrations(8));
    expect(outcomes.flatMap(({ ok }, index) => (ok ? [] : [index]))).toEqual([3]);
  });

  it('that names culprits costs one further request, and one for their health, whatever their number', async () => {
    const { effect, server } = await newEffect((_, number) =>
      number === 1 ? rolledBack({ OpIndex: 4, What: 'bad meta' }, { OpIndex: 11, What: 'bad check' }) : COMMITTED,
    );
    const outcomes = await effect.registerConsulServices.apply(registrations(20));
    expect(outcomes.flatMap(({ ok }, index) => (ok ? [] : [index]))).toEqual([2, 5]);
    expect(server.requests.map(({ operations }) => operations.length)).toEqual([40, 36, 2]);
    const checks = server.requests[2]!.operations.map(({ Check }) => Check?.Check.CheckID);
    expect(checks).toEqual(['rollcall:onex-effect-node-0002', 'rollcall:onex-effect-node-0005']);
  });

  it.each<[string, Answer]>([
    ['names it', rolledBack({ OpIndex: 0, What: 'Invalid meta: Value is too long' })],
    ['says no more than that it is too large', { status: 413, body: 'Request body too large' }],
  ])('of a record that %s does not hold back its health, and is a failure all the same', async (_, refusal) => {
    const { effect, server } = await newEffect((request) => (mentions(request, 'n1') ? refusal : COMMITTED));
    const passing = at(register('n1', { revision: 3, health: 'passing' }));
    expect(await effect.registerConsulServices.apply([passing])).toMatchObject([
      { ok: false, errorCode: 'CONSUL_VALIDATION_ERROR' },
    ]);
    expect(server.requests.map(({ operations }) => operations.map(({ Check }) => Check?.Check.Status))).toEqual([
      [undefined, 'passing'],
      ['passing'],
    ]);
  });

  it('of a record whose node has no service yet leaves nothing to be told of', async () => {
    const { effect, server } = await newEffect((request) =>
      mentions(request, 'n1')
        ? rolledBack({ OpIndex: 0, What: 'Value is too long' })
        : rolledBack({ OpIndex: 0, What: 'Missing service registration' }),
    );
    expect(await effect.registerConsulServices.apply([at(register('n1'))])).toEqual([
      {
        ok: false,
        errorCode: 'CONSUL_VALIDATION_ERROR',
        errorMessage: 'Consul refused the service: Value is too long',
      },
    ]);
    expect(server.requests).toHaveLength(2);
  });

  it('waits for a Consul that is gone when health is to be told of', async () => {
    const { effect } = await newEffect(
      (request) => (mentions(request, 'n1') ? rolledBack({ OpIndex: 0, What: 'Value is too long' }) : { status: 500 }),
      { retryAttempts: 1 },
    );
    const error = await unavailable(effect.registerConsulServices.apply([at(register('n1'))]));
    expect(error).toMatchObject({ code: 'CONSUL_CONNECTION_ERROR' });
  });

  it('shows no secret', async () => {
    const { effect, errors } = await newEffect(
      ({ token }) => ({ status: 400, body: `cannot parse what ${token} sent; password=opensesame` }),
      { token: 'f00d-cafe-token' },
    );
    const outcomes = await effect.registerConsulServices.apply(registrations(1));
    const text = JSON.stringify(outcomes) + errors.join();
    expect(text).toContain('cannot parse');
    expect(text).not.toMatch(/f00d-cafe-token|opensesame/);
  });

  it('of making synthetic nodes is nobody’s fault but ours', async () => {
    const { effect } = await newEffect(({ operations }) =>
      rolledBack({ OpIndex: 0, What: operations[0]?.Node ? 'Node name is reserved' : 'Missing node registration' }),
    );
    const error = await unavailable(effect.registerConsulServices.apply(registrations(2)));
    expect(error).toMatchObject({ code: 'CONSUL_CONNECTION_ERROR' });
    expect(error.message).toMatch(/synthetic node test-.. ?.*reserved/);
  });

  it('does not go on for ever when nodes vanish as soon as they are made', async () => {
    const { effect, server } = await newEffect(
      ({ operations }) =>
        operations[0]?.Node ? COMMITTED : rolledBack({ OpIndex: 0, What: 'Missing node registration' }),
      { retryAttempts: 1 },
    );
    await unavailable(effect.registerConsulServices.apply(registrations(1)));
    expect(server.requests.length).toBeLessThan(10);
  });
});

describe('an outage', () => {
  it('ends as unavailable after three tries, and never as an outcome', async () => {
    const { effect, server, errors } = await newEffect(() => ({ status: 500, body: 'No cluster leader' }));
    const error = await unavailable(effect.registerConsulServices.apply(registrations(1)));
    expect(error).toBeInstanceOf(BackendUnavailable);
    expect(error).toMatchObject({ code: 'CONSUL_CONNECTION_ERROR', retryAfterMs: 1_000 });
    expect(server.requests).toHaveLength(3);
    expect(errors).toEqual(Array(3).fill('CONSUL_CONNECTION_ERROR Consul answered 500: No cluster leader'));
  });

  it.each([429, 503])('of one request (%i) repeats that request alone', async (status) => {
    const { effect, server } = await newEffect((_, number) => (number === 5 ? { status } : COMMITTED), {
      connections: 1,
    });
    const outcomes = await effect.registerConsulServices.apply(registrations(320));
    expect(outcomes).toEqual(Array(320).fill({ ok: true }));
    const written = server.requests.flatMap(({ operations }) =>
      operations.flatMap(({ Service }) => Service?.Service.ID ?? []),
    );
    expect(server.requests).toHaveLength(11);
    expect(written).toHaveLength(320 + 32);
    expect(new Set(written).size).toBe(320);
  });

  it('starts no further transactions', async () => {
    const { effect, server } = await newEffect(() => ({ status: 500 }), { connections: 2, retryAttempts: 1 });
    await unavailable(effect.registerConsulServices.apply(registrations(500)));
    expect(server.requests.length).toBeLessThanOrEqual(2);
  });

  it('by a server that hangs is a timeout', async () => {
    const { effect, errors } = await newEffect(() => null, { requestTimeoutMs: 30 });
    const error = await unavailable(effect.registerConsulServices.apply(registrations(1)));
    expect(error).toMatchObject({ code: 'CONSUL_TIMEOUT_ERROR' });
    expect(errors.map((text) => text.split(' ')[0])).toEqual(Array(3).fill('CONSUL_TIMEOUT_ERROR'));
  });

  it('is not what batches have that wait for each other', async () => {
    jest.useFakeTimers({ doNotFake: [...REAL] });
    const slow = (): Answer => {
      jest.advanceTimersByTime(300);
      return COMMITTED;
    };
    const { effect, errors, server } = await newEffect(slow, { connections: 1, requestTimeoutMs: 1_200 });
    await Promise.all(names(6).map((id) => effect.registerConsulServices.apply([at(register(id))])));
    expect(server.requests).toHaveLength(6);
    expect(errors).toEqual([]);
  });

  it('by a server that is not there is a connection error', async () => {
    const { effect, server } = await newEffect(() => COMMITTED);
    await server.close();
    const error = await unavailable(effect.registerConsulServices.apply(registrations(1)));
    expect(error).toMatchObject({ code: 'CONSUL_CONNECTION_ERROR' });
    expect(error.message).toContain('ECONNREFUSED');
  });

  it.each([
    ['a refused token', { status: 403, body: 'ACL not found' }],
    ['a token that may not do an operation', rolledBack({ OpIndex: 1, What: 'Permission denied' })],
  ])('by %s opens the breaker at once, for both operations', async (_, answer) => {
    const { effect, server } = await newEffect(() => answer);
    const error = await unavailable(effect.registerConsulServices.apply(registrations(2)));
    expect(error).toMatchObject({ code: 'CONSUL_AUTH_ERROR' });
    expect(effect.breakerState()).toBe('open');
    await unavailable(effect.deregisterConsulServices.apply([at(deregister('n1'))]));
    expect(server.requests).toHaveLength(1);
  });
});

describe('health', () => {
  it('is lost when Consul hangs', async () => {
    const server = await fakeConsul(() => null);
    cleanups.push(server.close);
    expect(await consulHealth({ address: server.address, timeoutMs: 50 })).toMatchObject({
      ok: false,
      code: 'CONSUL_TIMEOUT_ERROR',
    });
  });

  it('is lost when Consul has no leader', async () => {
    const server = await fakeConsul(() => ({ status: 200, body: '""' }));
    cleanups.push(server.close);
    const health = await consulHealth({ address: server.address, timeoutMs: 60_000 });
    expect(health).toMatchObject({ ok: false, message: expect.stringContaining('no leader') });
  });

  it('is lost when Consul is not there', async () => {
    const server = await fakeConsul(() => null);
    await server.close();
    expect(await consulHealth({ address: server.address, timeoutMs: 60_000 })).toMatchObject({
      ok: false,
      code: 'CONSUL_CONNECTION_ERROR',
    });
  });
});
