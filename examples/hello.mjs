// examples/hello.mjs
import { join } from 'rollcall/client';

const node = join({
  nodeId: 'hello-1',
  nodeType: 'effect',
  capabilities: ['greet'],
  registry: { url: process.env.ROLLCALL_URL ?? 'http://127.0.0.1:3000' },
});
for (const event of ['accepted', 'active', 'expired', 'lost', 'found', 'left']) {
  node.on(event, () => console.log(`${node.nodeId}: ${event}`));
}
