import { describe, expect, it } from '@jest/globals';
import { EXIT } from '../../src/cli/exit.js';
import { answering, fakeRegistry, problem, type Reply } from './fake-registry.js';
import { jsonLines, run } from './fake-terminal.js';

const FIXTURES = new URL('fixtures/', import.meta.url).pathname;
const NACOS = `${FIXTURES}nacos-instances-v1.json`;
const SUCCESS: Reply = { status: 201, body: { operationId: 'o', status: 'success' } };

/** A list of Nacos with so many instances. */
function manyHosts(count: number): string {
  const hosts = Array.from({ length: count }, (_, index) => ({ ip: '10.0.0.1', port: index + 1 }));
  return JSON.stringify({ name: 'billing', hosts });
}

describe('import', () => {
  it('a dry run sends nothing, and tells what would be done', async () => {
    const { url, asked } = await fakeRegistry(() => SUCCESS);
    const { code, out } = await run(['import', 'nacos', NACOS, '--dry-run', '--url', url]);
    expect({ code, asked }).toEqual({ code: EXIT.ok, asked: [] });
    expect(out.split('\n')).toEqual([
      'NODE                      TYPE    VERSION  ENDPOINT               CAPABILITIES  CHANGED TO FIT',
      'billing-10.0.0.7-8080     effect  2.1.0    https://10.0.0.7:8080  billing       -',
      'billing-10.0.0.8-8080-hz  effect  -        http://10.0.0.8:8080   billing       -',
      'left out: billing-10.0.0.9-8080: it is not healthy',
      'left out: billing-10.0.0.10-8080: it is not enabled',
      '2 would be registered, 2 left out, 0 do not fit',
      '',
    ]);
  });

  it('status 1 where something does not fit; JSON has a line for each', async () => {
    const { code, out } = await run(['import', 'eureka', `${FIXTURES}eureka-apps.json`, '--dry-run', '--json']);
    expect(code).toBe(EXIT.refused);
    expect(jsonLines(out)).toMatchObject([
      { nodeId: '10.0.0.7-billing-8080', outcome: 'planned', body: { nodeType: 'effect' } },
      { nodeId: 'ledger.example.com', outcome: 'planned' },
      { instance: '10.0.0.8:billing:8080', outcome: 'left_out', reason: 'its status is DOWN' },
      { instance: 'instance 4', outcome: 'unfit' },
    ]);
  });

  it('registers each under a key of its own, as told', async () => {
    const { url, asked } = await fakeRegistry(() => SUCCESS);
    const how = ['--type', 'compute', '--acknowledgement', 'required', '--liveness', 'heartbeat', '--all'];
    const { code, out, err } = await run(['import', 'nacos', NACOS, ...how, '--url', url]);
    expect(code).toBe(EXIT.ok);
    expect(out).toBe('4 registered, 0 failed, 0 left out, 0 do not fit\n');
    expect(err.endsWith('4 of 4 nodes sent\n')).toBe(true);
    expect(asked).toHaveLength(4);
    for (const { body, headers } of asked) {
      expect(body).toMatchObject({ nodeType: 'compute', acknowledgement: 'required', liveness: 'heartbeat' });
      expect(headers['prefer']).toBe('wait=30');
    }
    expect(new Set(asked.map(({ headers }) => headers['idempotency-key'])).size).toBe(4);
  });

  it('the same file is the same requests', async () => {
    const { url, asked } = await fakeRegistry(() => SUCCESS);
    await run(['import', 'nacos', NACOS, '--concurrency', '1', '--url', url]);
    await run(['import', 'nacos', NACOS, '--concurrency', '1', '--url', url]);
    const sent = asked.map(({ headers, body }) => JSON.stringify([headers['idempotency-key'], body]));
    expect(sent.slice(2)).toEqual(sent.slice(0, 2));
  });

  it('no more at once than told', async () => {
    let underWay = 0;
    let most = 0;
    const { url } = await fakeRegistry(() => (response) => {
      underWay += 1;
      most = Math.max(most, underWay);
      setImmediate(() => {
        underWay -= 1;
        response.writeHead(201, { 'content-type': 'application/json' });
        response.end('{ "status": "success" }');
      });
    });
    const { code } = await run(['import', 'nacos', '-', '--concurrency', '3', '--url', url], { stdin: manyHosts(60) });
    expect(code).toBe(EXIT.ok);
    expect(most).toBeLessThanOrEqual(3);
  });

  it('tries again where there is no room, and not where the registry says no', async () => {
    const busy = { ...problem(429, 'rate-limited'), headers: { 'retry-after': '0' } };
    const inUse = { ...problem(409, 'idempotency-key-in-use'), headers: { 'retry-after': '0' } };
    const wrong = problem(400, 'validation', { errors: [{ in: 'body', field: 'nodeId', message: 'is odd' }] });
    const { url, asked } = await answering(busy, inUse, SUCCESS, wrong);
    const { code, out } = await run(['import', 'nacos', NACOS, '--concurrency', '1', '--json', '--url', url]);
    expect(code).toBe(EXIT.refused);
    expect(asked).toHaveLength(4);
    expect(jsonLines(out).slice(0, 2)).toEqual([
      { nodeId: 'billing-10.0.0.7-8080', outcome: 'registered', reason: null },
      { nodeId: 'billing-10.0.0.8-8080-hz', outcome: 'failed', reason: 'detail of validation; nodeId is odd' },
    ]);
  });

  it('stops at once where every node would be refused, and says how to go on', async () => {
    const { url, asked } = await fakeRegistry((_asked, number) =>
      number === 3 ? problem(401, 'unauthenticated') : SUCCESS,
    );
    const given = { stdin: manyHosts(50) };
    const { code, err } = await run(['import', 'nacos', '-', '--concurrency', '1', '--url', url], given);
    expect(code).toBe(EXIT.unauthorised);
    expect(err).toContain('2 of 50 nodes are done; import the file again to go on');
    expect(asked).toHaveLength(3);
  });

  it('Ctrl-C lets those in hand finish', async () => {
    const interrupt = new AbortController();
    const { url, asked } = await fakeRegistry((_asked, number) => {
      if (number === 5) interrupt.abort();
      return SUCCESS;
    });
    const given = { stdin: manyHosts(50), interrupt: interrupt.signal };
    const { code, err } = await run(['import', 'nacos', '-', '--concurrency', '2', '--json', '--url', url], given);
    expect(code).toBe(EXIT.unfinished);
    expect(err).toContain(`${asked.length} of 50 nodes are done`);
  });

  it('what is not decided in time is told', async () => {
    const { url } = await fakeRegistry(() => ({ status: 202, body: { operationId: 'o' } }));
    const { code, out } = await run(['import', 'nacos', NACOS, '--wait', '1', '--url', url]);
    expect({ code, out }).toEqual({
      code: EXIT.unfinished,
      out: expect.stringContaining('0 registered, 2 sent and not decided yet, 0 failed'),
    });
  });
});
