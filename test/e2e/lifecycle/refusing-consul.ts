import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A capability with which this Consul takes no service: a real one hardly refuses what we let through. */
export const REFUSED_BY_CONSUL = 'refused-by-consul';

/** A real Consul behind a door that refuses transactions which write such a service. */
export async function refusingConsul(address: string): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((asked, answer) => {
    const chunks: Buffer[] = [];
    asked.on('data', (chunk: Buffer) => chunks.push(chunk));
    asked.on('end', () => {
      const body = Buffer.concat(chunks);
      if (body.includes(`"cap:${REFUSED_BY_CONSUL}"`)) {
        answer.writeHead(400).end('this service is not wanted here');
        return;
      }
      const { method, headers, url } = asked;
      const passed = request(new URL(url ?? '/', address), { method, headers }, (response) => {
        answer.writeHead(response.statusCode ?? 502, response.headers);
        response.pipe(answer);
      });
      passed.on('error', () => answer.destroy());
      passed.end(body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
