import { randomUUID } from 'node:crypto';
import type { EffectRequest, IntentOf } from '../../src/registry-effect/index.js';
import type { Intent, RegistrationRecord } from '../../src/messages/index.js';

type Register = IntentOf<'consul.register'>;
type Upsert = IntentOf<'postgres.upsert_registration'>;
type Overrides<I> = Partial<Omit<I, 'record' | 'intentType'>> & { readonly record?: Partial<RegistrationRecord> };

export const AT = '2026-11-21T10:00:00.000Z';
const ATTEMPT = '7b0d9a52-3c55-4f0e-9d0b-2f5a63a8f001';

export function record(nodeId: string, overrides: Partial<RegistrationRecord> = {}): RegistrationRecord {
  return {
    nodeId,
    nodeType: 'effect',
    nodeVersion: '1.2.3',
    capabilities: { resize: true, formats: { png: [1, 2.5, null], quote: 'a "b" \\ {c}, d' } },
    capabilityTags: ['resize', 'formats'],
    endpoints: { api: 'http://10.1.2.3:8080/v1' },
    metadata: { team: 'grün' },
    healthEndpoint: 'http://10.1.2.3:8080/health',
    incarnation: 1_790_000_000_000,
    ...overrides,
  };
}

export function at<I extends Intent>(intent: I, eventTimestamp: string = AT): EffectRequest<I> {
  return { intent, eventTimestamp };
}

export function register(nodeId: string, { record: described, ...rest }: Overrides<Register> = {}): Register {
  return {
    intentType: 'consul.register',
    nodeId,
    attemptId: ATTEMPT,
    revision: 1,
    health: 'critical',
    onlyHealth: false,
    otherNodeTypes: [],
    record: record(nodeId, described),
    ...rest,
  };
}

export function deregister(
  nodeId: string,
  nodeTypes: IntentOf<'consul.deregister'>['nodeTypes'] = ['effect'],
): IntentOf<'consul.deregister'> {
  return { intentType: 'consul.deregister', nodeId, attemptId: ATTEMPT, revision: 9, nodeTypes };
}

type Removal = IntentOf<'consul.remove_service'>;

export function removal(nodeId: string, entry: Pick<Removal, 'consulNode' | 'serviceId' | 'serviceName'>): Removal {
  return { intentType: 'consul.remove_service', nodeId, attemptId: ATTEMPT, revision: 2, ...entry };
}

export function upsert(nodeId: string, { record: described, ...rest }: Overrides<Upsert> = {}): Upsert {
  return {
    intentType: 'postgres.upsert_registration',
    nodeId,
    attemptId: ATTEMPT,
    revision: 1,
    state: 'registered',
    record: record(nodeId, described),
    ...rest,
  };
}

export function deactivate(nodeId: string, revision: number): IntentOf<'postgres.deactivate_registration'> {
  return { intentType: 'postgres.deactivate_registration', nodeId, attemptId: randomUUID(), revision };
}

/** `node-0001`, `node-0002`, … */
export function names(count: number, prefix = 'node'): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(4, '0')}`);
}
