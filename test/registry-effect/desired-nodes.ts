import type { DesiredNode } from '../../src/registry-effect/index.js';
import type { RegistrationRecord } from '../../src/messages/index.js';
import { bucketOf } from '../../src/registry-effect/drift/buckets.js';
import { deactivate, deregister, record, register, upsert } from './sample-intents.js';

type Overrides = Partial<Omit<DesiredNode, 'nodeId' | 'record'>> & { readonly record?: Partial<RegistrationRecord> };

/** What the reducer desires of a node: present, passing, and confirmed, unless told otherwise. */
export function desired(nodeId: string, { record: described, ...rest }: Overrides = {}): DesiredNode {
  return {
    nodeId,
    revision: 2,
    presence: 'present',
    health: 'passing',
    attemptId: register(nodeId).attemptId,
    record: record(nodeId, described),
    settled: true,
    ...rest,
  };
}

/** The intents that make the backends hold what is desired of a present node, and of an absent one. */
export const asRegister = ({ nodeId, revision, health, record: described }: DesiredNode) =>
  register(nodeId, { revision, health, record: described });

export const asDeregister = ({ nodeId, revision }: DesiredNode) => ({ ...deregister(nodeId), revision });

export const asUpsert = ({ nodeId, revision, health, record: described }: DesiredNode) =>
  upsert(nodeId, { revision, state: health === 'passing' ? 'active' : 'registered', record: described });

export const asDeactivate = ({ nodeId, revision, attemptId }: DesiredNode) => ({
  ...deactivate(nodeId, revision),
  attemptId,
});

/** The first of `prefix-0`, `prefix-1`, … whose bucket is (or is not) that of another node. */
export function neighbourOf(nodeId: string, prefix: string, same = true): string {
  for (let n = 0; ; n++) {
    const candidate = `${prefix}-${n}`;
    if ((bucketOf(candidate) === bucketOf(nodeId)) === same) return candidate;
  }
}
