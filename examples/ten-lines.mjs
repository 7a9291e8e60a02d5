import { join } from 'rollcall/client';

const membership = join({
  nodeId: 'billing-7',
  nodeType: 'effect',
  capabilities: ['invoices'],
  endpoints: { api: 'http://10.0.0.7:8080' },
  registry: { url: 'http://127.0.0.1:3000' },
});
await membership.whenActive();
