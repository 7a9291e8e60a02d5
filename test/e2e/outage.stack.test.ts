import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { tcpProxy, type TcpProxy } from '../registry-effect/tcp-proxy.js';
import { addressOf, createDatabase, describeStack, until, type TestDatabase } from '../support/stack.js';
import { LONG_TIMES } from './both/registry-suite.js';
import { replayProblems } from './journal.js';
import { build, fleet, Rollcall } from './rollcall.js';
import { World } from './world.js';

type Components = Record<string, { status: string; critical: boolean }>;

async function health(rollcall: Rollcall): Promise<{ status: number; components: Components }> {
  const { status, body } = await rollcall.get('/health');
  return { status, components: (body as { components: Components }).components };
}

describeStack('a backend goes and comes back', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  let rollcall: Rollcall;
  let consul: TcpProxy;
  let state: TcpProxy;
  let registry: TcpProxy;
  let registryDatabase: TestDatabase;

  const through = (url: string, proxy: TcpProxy): string => {
    const proxied = new URL(url);
    proxied.port = String(proxy.port);
    return proxied.href;
  };
  const proxyTo = (url: string): Promise<TcpProxy> => tcpProxy(new URL(url).hostname, Number(new URL(url).port));
  const countOf = async (status: string): Promise<number> =>
    (
      await world.rows<{ count: number }>(
        `select count(*)::int as count from machine_states where machine = 'orchestrator' and status = $1`,
        [status],
      )
    )[0]?.count ?? 0;

  beforeAll(async () => {
    await build();
    world = await World.create(LONG_TIMES);
    registryDatabase = await createDatabase();
    const { DATABASE_URL: stateUrl = '' } = world.environment;
    consul = await proxyTo(addressOf('consul'));
    state = await proxyTo(stateUrl);
    registry = await proxyTo(registryDatabase.url);
    rollcall = await Rollcall.start({
      ...world.environment,
      CONSUL_HTTP_ADDR: through(addressOf('consul'), consul).replace(/\/$/, ''),
      DATABASE_URL: through(stateUrl, state),
      REGISTRY_DATABASE_URL: through(registryDatabase.url, registry),
      BREAKER_FAILURES: '2',
      BREAKER_RESET_MS: '1000',
      RETRY_BASE_MS: '20',
    });
  });

  afterAll(async () => {
    await rollcall?.stop();
    await Promise.all([consul, state, registry].map((proxy) => proxy?.close()));
    await registryDatabase?.drop();
    await world?.close();
  });

  it.each(['consul', 'postgres'] as const)('without %s nothing is accepted and nothing lost', async (backend) => {
    const proxy = backend === 'consul' ? consul : registry;
    const active = await countOf('active');
    proxy.cut();
    const registering = fleet(world.environment, '--nodes', '30', '--timeout', '120');
    await until(async () => (await countOf('pending_registration')) === 30, {
      what: 'thirty nodes that wait for the backend',
    });
    const lost = await until(
      async () => {
        const seen = await health(rollcall);
        return seen.status === 200 && seen.components[backend]?.status === 'unhealthy' ? seen : false;
      },
      { what: `health without ${backend}` },
    );
    expect(lost).toMatchObject({ status: 200, components: { [backend]: { critical: false } } });
    expect(await countOf('active')).toBe(active);
    proxy.restore();
    const { code, output } = await registering;
    if (code !== 0) throw new Error(`${output}\n${rollcall.tail()}`);
    expect(await countOf('active')).toBe(active + 30);
    // An outage is no answer: neither an event nor a dead letter tells of it.
    const told = await world.read(['evt.registry-effect-result.v1', 'dlq.v1']);
    expect(told.filter(({ envelope }) => envelope.event_type === 'REGISTRY_EFFECT_FAILED')).toEqual([]);
    expect(told.filter(({ topic }) => topic === 'dlq.v1')).toEqual([]);
  });

  it('without the state database it waits, says so, and goes on', async () => {
    const active = await countOf('active');
    state.cut();
    const registering = fleet(world.environment, '--nodes', '30', '--timeout', '120');
    const lost = await until(
      async () => {
        const seen = await health(rollcall);
        return seen.components['state']?.status === 'unhealthy' ? seen : false;
      },
      { what: 'health without the state database' },
    );
    expect(lost).toMatchObject({ status: 503, components: { state: { critical: true } } });
    expect((await fetch(`${rollcall.url}/health/live`)).status).toBe(200);
    const refused = await fetch(`${rollcall.url}/v1/nodes`);
    expect({ status: refused.status, type: refused.headers.get('content-type') }).toMatchObject({
      status: 503,
      type: expect.stringContaining('application/problem+json'),
    });
    state.restore();
    const { code, output } = await registering;
    if (code !== 0) throw new Error(`${output}\n${rollcall.tail()}`);
    expect(await countOf('active')).toBe(active + 30);
    expect((await replayProblems(world)).problems).toEqual([]);
  });
});

describeStack('two replicas', ['kafka', 'consul', 'postgres'], () => {
  jest.setTimeout(600_000);
  let world: World;
  const replicas: Rollcall[] = [];

  beforeAll(async () => {
    await build();
    world = await World.create(LONG_TIMES);
    for (let index = 0; index < 2; index++) replicas.push(await Rollcall.start(world.environment));
  });

  afterAll(async () => {
    await Promise.all(replicas.map((replica) => replica.stop()));
    await world?.close();
  });

  it('share the work, and decide once', async () => {
    const { code, output } = await fleet(world.environment, '--nodes', '200', '--verify', '--timeout', '120');
    if (code !== 0) throw new Error(`${output}\n${replicas.map((replica) => replica.tail()).join('\n')}`);
    await until(() => replicas.every(({ lines }) => lines.some(({ msg }) => msg === 'step')), {
      what: 'steps of both',
    });
    expect((await replayProblems(world)).problems).toEqual([]);
  });
});
