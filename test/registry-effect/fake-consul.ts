import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

type Operation = {
  readonly Node?: { readonly Verb: string; readonly Node: { readonly Node: string } };
  readonly Service?: {
    readonly Verb: string;
    readonly Node: string;
    readonly Service: {
      readonly ID: string;
      readonly Tags?: readonly string[];
      readonly Meta?: Record<string, string>;
    };
  };
  readonly Check?: { readonly Verb: string; readonly Check: { readonly CheckID: string; readonly Status: string } };
};

export type Request = {
  readonly operations: readonly Operation[];
  readonly bytes: number;
  readonly token: string | undefined;
};
/** Null: never answer. */
export type Answer = { readonly status: number; readonly body?: string } | null;

export const COMMITTED: Answer = { status: 200, body: '{"Results":[],"Errors":null}' };

export function rolledBack(...errors: readonly { readonly OpIndex: number; readonly What: string }[]): Answer {
  return { status: 409, body: JSON.stringify({ Results: null, Errors: errors }) };
}

export type FakeConsul = {
  readonly address: string;
  readonly requests: Request[];
  /** The most requests that were under way at one time. */
  readonly peak: () => number;
  /** Connections made so far. */
  readonly connections: () => number;
  readonly close: () => Promise<void>;
};

/** A server that answers transactions as the test says: for outages and errors that a real Consul has no switch for. */
export async function fakeConsul(
  answer: (request: Request, number: number) => Answer | Promise<Answer>,
): Promise<FakeConsul> {
  const requests: Request[] = [];
  const hanging: ServerResponse[] = [];
  let underWay = 0;
  let peak = 0;
  const server = createServer((incoming, response) => {
    peak = Math.max(peak, ++underWay);
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const body = Buffer.concat(chunks);
      const token = incoming.headers['x-consul-token'];
      const request = {
        operations: JSON.parse(String(body) || '[]') as Operation[],
        bytes: body.length,
        token: token?.toString(),
      };
      const number = requests.push(request);
      void Promise.resolve(answer(request, number)).then((reply) => {
        underWay -= 1;
        if (reply === null) hanging.push(response);
        else response.writeHead(reply.status, { 'content-type': 'application/json' }).end(reply.body);
      });
    });
  });
  server.keepAliveTimeout = 0; // a machine that stalls for five seconds would close what a test counts
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    peak: () => peak,
    connections: () => connections,
    close: () =>
      new Promise((resolve) => {
        for (const response of hanging) response.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
