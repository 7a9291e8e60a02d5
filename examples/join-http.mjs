/**
 * A node that speaks HTTP. With Rollcall started by `npm start`: `node examples/join-http.mjs`; Ctrl-C says goodbye.
 * Environment: NODE_ID, ROLLCALL_URL, ROLLCALL_TOKEN.
 */
import { createServer } from 'node:http';
import { join } from 'rollcall/client';
import { narrate } from './narrate.mjs';

const server = createServer((request, response) => response.end(request.url === '/health' ? 'fine\n' : 'hello\n'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}`;

const membership = join({
  nodeId: process.env.NODE_ID ?? 'greeter-http',
  nodeType: 'effect',
  nodeVersion: '1.0.0',
  capabilities: ['greet'],
  endpoints: { api: url },
  healthEndpoint: `${url}/health`,
  registry: { url: process.env.ROLLCALL_URL ?? 'http://127.0.0.1:3000', token: process.env.ROLLCALL_TOKEN },
  // Asked again until it succeeds: nobody finds a node that does not answer.
  ready: async () => (await fetch(`${url}/health`)).ok,
  heartbeat: () => ({ uptimeSeconds: process.uptime(), memoryUsageMb: process.memoryUsage.rss() / 2 ** 20 }),
});
narrate(membership);

// A change while it is active: others find it by its new capability, too.
await membership.whenActive();
await membership.update({ capabilities: ['greet', 'greet-politely'] });
