import { createServer } from 'node:net';

/** Below the range from which the system takes ports for outgoing connections. */
const LOWEST = 12_000;
const HIGHEST = 30_000;

/** The first of `count` consecutive ports of 127.0.0.1 that nobody listens on. */
export async function freePorts(count: number): Promise<number> {
  for (;;) {
    const first = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    const ports = Array.from({ length: count }, (_, index) => first + index);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return first;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
