import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { until } from '../../support/stack.js';
import { deregister, get, pages, post, type HistoryItem, type PageOf } from './api.js';
import type { Registry } from './registry.js';

const DESCRIPTION = { nodeId: 'keyed', nodeType: 'compute', capabilities: ['by-hand'] };

type Registration = { readonly operationId: string; readonly status: string };
type Operation = {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly steps: readonly { readonly eventType: string; readonly rule: string }[];
};

/** What operators do, and what stays of it when the registry is killed. */
export function commands(registry: () => Registry): void {
  it('runs a command once, whatever happens between two requests with one key', async () => {
    const { url } = registry();
    const headers = { 'idempotency-key': randomUUID(), prefer: 'wait=30' };
    const first = await post<Registration>(`${url}/v1/nodes`, DESCRIPTION, headers);
    expect(first).toMatchObject({ status: 201, body: { status: 'success', registeredNodeId: 'keyed' } });
    const { operationId } = first.body;
    const before = await get<Operation>(`${url}/v1/operations/${operationId}`);
    expect(before.body).toMatchObject({ id: operationId, kind: 'register', nodeId: 'keyed', status: 'succeeded' });
    expect(before.body.steps[0]).toMatchObject({ eventType: 'REGISTER_NODE', rule: 'begin_attempt' });

    await registry().kill();
    await registry().start();

    const again = await post<Registration>(`${url}/v1/nodes`, DESCRIPTION, headers);
    expect(again).toMatchObject({ status: 201, body: first.body });
    const other = await post(`${url}/v1/nodes`, { ...DESCRIPTION, nodeVersion: '2.0.0' }, headers);
    expect(other).toMatchObject({ status: 422, body: { type: '/problems/idempotency-key-reused' } });
    expect(await get(`${url}/v1/operations/${operationId}`)).toMatchObject({ status: 200, body: before.body });
    const history = await pages<HistoryItem>(url, '/v1/nodes/keyed/history', 100);
    expect(history.filter(({ eventType }) => eventType === 'REGISTER_NODE')).toHaveLength(1);
  });

  it('answers at once where nobody waits, with an operation that tells the outcome', async () => {
    const { url } = registry();
    const started = await post<Registration>(`${url}/v1/nodes`, { nodeId: 'asked-for', nodeType: 'reducer' });
    expect(started.status).toBe(202);
    expect(started.headers.get('location')).toBe(`/v1/operations/${started.body.operationId}`);
    const path = `${url}/v1/operations/${started.body.operationId}`;
    await until(async () => (await get<Operation>(path)).body.status === 'succeeded', {
      what: 'the operation to succeed',
    });
    expect(await registry().node('asked-for')).toMatchObject({ state: 'active', nodeType: 'reducer' });
    expect(await get(`${url}/v1/operations/${randomUUID()}`)).toMatchObject({
      status: 404,
      body: { type: '/problems/operation-not-found' },
    });
  });

  it('takes a node out, and says so when it is out already', async () => {
    const { url } = registry();
    const out = await deregister(url, 'asked-for');
    expect(out).toMatchObject({ status: 200, body: { status: 'success', nodeId: 'asked-for', state: 'deregistered' } });
    const again = await deregister(url, 'asked-for');
    expect(again).toMatchObject({ status: 200, body: { operationId: null, state: 'deregistered' } });
    expect((await deregister(url, 'nobody')).status).toBe(404);
  });
}

type DeadLetter = {
  readonly id: string;
  readonly originalTopic: string;
  readonly cause: string;
  readonly nodeId: string | null;
  readonly redrives: number;
};

/** What cannot be handled. By HTTP nothing of that kind can come, so only a log that others can write to has any. */
export function deadLetters(registry: () => Registry): void {
  it('lists dead letters, and sends one again', async () => {
    const { url, place } = registry();
    const listed = async (): Promise<readonly DeadLetter[]> =>
      (await get<PageOf<DeadLetter>>(`${url}/v1/dead-letters`)).body.items;
    expect(await listed()).toEqual([]);
    if (place.appendRubbish === null) return;
    await place.appendRubbish('rubbish');
    const [letter] = await until(async () => (await listed()).length > 0 && (await listed()), {
      what: 'a dead letter',
    });
    expect(letter).toMatchObject({ cause: 'malformed', nodeId: 'rubbish', redrives: 0 });
    expect(letter?.originalTopic.endsWith('.evt.node-heartbeat.v1')).toBe(true);
    expect(await post(`${url}/v1/dead-letters/${letter?.id}/redrive`, {})).toMatchObject({
      status: 202,
      body: { id: letter?.id },
    });
    // It cannot be read this time either.
    const both = await until(async () => (await listed()).length > 1 && (await listed()), { what: 'another one' });
    expect(both.map(({ redrives }) => redrives).sort()).toEqual([0, 1]);
  });
}
