import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encode, type Message } from '../../src/messages/index.js';

export type Posted = {
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
  /** The body as it came. */
  readonly text: string;
  /** Streams of the node that were open when it came. */
  readonly listening: number;
};

/** The gateway as a node sees it, and as a test wants it: `refuse` answers instead of it. */
export class FakeRegistry {
  readonly posted: Posted[] = [];
  /** `Last-Event-ID` of every stream that was opened, by node. */
  readonly opened: (readonly [nodeId: string, last: string | undefined])[] = [];
  refuse: (request: IncomingMessage) => { readonly status: number; readonly body: unknown } | undefined = () =>
    undefined;
  private readonly streams = new Map<string, Set<ServerResponse>>();
  private readonly backlog = new Map<string, { readonly id: string; readonly message: Message }[]>();
  private readonly server = createServer((request, response) => void this.answer(request, response));

  async start(port = 0): Promise<string> {
    this.server.keepAliveTimeout = 0; // a machine that stalls for five seconds would break what a request is sent by
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    this.server.closeAllConnections();
    await closed;
  }

  /** Says something to a node; with an id it stands in the journal, for whoever comes back. */
  tell(nodeId: string, message: Message, id?: string): void {
    if (id !== undefined) this.backlog.set(nodeId, [...(this.backlog.get(nodeId) ?? []), { id, message }]);
    for (const response of this.streams.get(nodeId) ?? []) response.write(frame(message, id));
  }

  /** Breaks every stream of a node. */
  hangUp(nodeId: string): void {
    for (const response of this.streams.get(nodeId) ?? []) response.destroy();
  }

  streamsOf(nodeId: string): number {
    return this.streams.get(nodeId)?.size ?? 0;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const refusal = this.refuse(request);
    if (refusal !== undefined) {
      response.writeHead(refusal.status, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify(refusal.body));
      return;
    }
    const [, nodeId = '', place = ''] = /\/v1\/nodes\/([^/]+)\/(\w+)$/.exec(request.url ?? '') ?? [];
    if (request.url?.endsWith('/health/ready') === true) response.end('{}');
    else if (place === 'events') this.open(nodeId, request, response);
    else await this.take(nodeId, request, response);
  }

  private open(nodeId: string, { headers }: IncomingMessage, response: ServerResponse): void {
    const last = headers['last-event-id'] as string | undefined;
    this.opened.push([nodeId, last]);
    const streams = this.streams.get(nodeId) ?? new Set();
    this.streams.set(nodeId, streams.add(response));
    response.on('close', () => streams.delete(response));
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const known = this.backlog.get(nodeId) ?? [];
    if (last === undefined) response.write(`retry: 20\n\nid: ${known.at(-1)?.id ?? '0.0'}\n\n`);
    const missed = known.slice(1 + known.findIndex(({ id }) => id === last));
    if (last !== undefined) for (const { id, message } of missed) response.write(frame(message, id));
    response.write(': up to date\n\n');
  }

  private async take(nodeId: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = '';
    for await (const bytes of request) text += String(bytes);
    const { url: path = '', headers } = request;
    this.posted.push({ path, headers, body: JSON.parse(text), text, listening: this.streamsOf(nodeId) });
    response.writeHead(202).end('{}');
  }
}

function frame(message: Message, id?: string): string {
  return `${id === undefined ? '' : `id: ${id}\n`}event: ${message.eventType}\ndata: ${encode(message)}\n\n`;
}
