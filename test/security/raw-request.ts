import { request } from 'node:http';
import { connect } from 'node:net';

export type RawAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

type Init = {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
};

/** A request whose every header is ours to choose, `Host` and `Origin` included, which `fetch` keeps for itself. */
export function rawRequest(url: string, { method = 'GET', headers = {}, body }: Init = {}): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text }));
    });
    // A server that takes it for an upgrade answers by this.
    sent.on('upgrade', ({ statusCode, headers: answered }, socket) => {
      socket.destroy();
      resolve({ status: statusCode ?? 0, headers: answered, text: '' });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Writes these very bytes to a server; resolves with all that it answers until it closes, or has been silent for so long. */
export function rawBytes(url: string, bytes: string, silentMs = 60_000): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    socket.setTimeout(silentMs, () => socket.destroy());
    socket.on('data', (chunk) => (answer += chunk.toString()));
    // What the server has not read makes its end a reset; the answer came before.
    socket.on('error', (error) => {
      if (answer === '') reject(error);
    });
    socket.on('close', () => resolve(answer));
  });
}
