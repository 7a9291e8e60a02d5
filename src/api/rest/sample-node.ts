/** The node that examples are about, in all that describes itself. */
export const SAMPLE = {
  nodeId: 'billing-7',
  startedAt: '2026-11-21T09:00:00.000Z',
  attemptId: '5f0c54a8-4f7f-4bb5-9a3e-2c7d4f6f1b11',
  correlationId: '0c1f7f57-6a5b-4f0e-8a1a-1d6b6d0f7a22',
  capabilityTags: ['cancel', 'create', 'invoices', 'operations'],
} as const;
