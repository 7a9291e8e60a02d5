import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach } from '@jest/globals';

export type Asked = {
  readonly method: string;
  /** With its query. */
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
};

type Document = {
  readonly status?: number;
  readonly body?: unknown;
  readonly type?: string;
  readonly headers?: Readonly<Record<string, string>>;
};

/** A function answers by itself. */
export type Reply = Document | ((response: ServerResponse) => void);

export type FakeRegistry = { readonly url: string; readonly asked: readonly Asked[] };

const open = new Set<Server>();
afterEach(() => {
  for (const server of open) {
    server.closeAllConnections();
    server.close();
  }
  open.clear();
});

/** A registry in this process that answers as it is told, and keeps what it was asked. Ends with the test. */
export async function fakeRegistry(answer: (asked: Asked, number: number) => Reply): Promise<FakeRegistry> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const body = text === '' ? undefined : (JSON.parse(text) as unknown);
      const one = { method, url, headers, body };
      asked.push(one);
      const reply = answer(one, asked.length);
      if (typeof reply === 'function') return reply(response);
      const { status = 200, body: document = {}, type = 'application/json', headers: more = {} } = reply;
      response.writeHead(status, { 'content-type': type, ...more });
      response.end(typeof document === 'string' ? document : JSON.stringify(document));
    });
  });
  server.keepAliveTimeout = 0; // a machine that stalls for five seconds would break what a request is sent by
  open.add(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** An address at which nobody listens, as the system gives its port to nobody; fetch itself refuses port 1. */
export const NOBODY = 'http://127.0.0.1:2';

/** These answers, one after the other. */
export function answering(...replies: readonly Reply[]): Promise<FakeRegistry> {
  return fakeRegistry((_asked, number) => replies[number - 1] ?? { status: 500, body: { title: 'asked too often' } });
}

export function problem(status: number, type: string, more: object = {}): Document {
  const body = { type: `/problems/${type}`, title: `title of ${type}`, status, detail: `detail of ${type}`, ...more };
  return { status, body, type: 'application/problem+json; charset=utf-8' };
}

export function aNode(nodeId: string, change: object = {}): object {
  return {
    nodeId,
    nodeType: 'effect',
    nodeVersion: '1.4.0',
    state: 'active',
    degraded: false,
    capabilities: { invoices: true, refunds: true, off: false },
    endpoints: { api: 'http://10.0.0.7:8080' },
    metadata: { zone: 'b' },
    revision: 3,
    attemptId: '0c1f7f57-6a5b-4f0e-8a1a-1d6b6d0f7a22',
    incarnation: null,
    registeredAt: '2026-11-21T10:00:00.000Z',
    updatedAt: '2026-11-21T11:57:00.000Z',
    lastHeartbeatAt: '2026-11-21T11:59:55.000Z',
    publicKey: null,
    ...change,
  };
}
