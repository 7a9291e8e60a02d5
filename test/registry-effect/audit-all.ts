import type { BackendAudit, DesiredNode, Finding } from '../../src/registry-effect/index.js';
import { BUCKETS, bucketOf } from '../../src/registry-effect/drift/buckets.js';

/** One round over the buckets of `nodes`, as the runtime goes over all of them; findings by node id and kind. */
export async function auditAll(
  audit: BackendAudit,
  nodes: readonly DesiredNode[],
  alsoOf: readonly string[] = [],
): Promise<readonly Finding[]> {
  await audit.marks();
  const findings: Finding[] = [];
  for (const bucket of new Set([...nodes.map(({ nodeId }) => nodeId), ...alsoOf].map(bucketOf))) {
    const there = nodes.filter(({ nodeId }) => bucketOf(nodeId) === bucket);
    findings.push(...(await audit.compare(bucket, there)).findings);
  }
  return findings;
}

/** `altered n1: tags`, sorted. */
export async function told(
  audit: BackendAudit,
  nodes: readonly DesiredNode[],
  alsoOf: readonly string[] = [],
): Promise<readonly string[]> {
  const findings = await auditAll(audit, nodes, alsoOf);
  return findings.map(({ drift, nodeId, differences }) => `${drift} ${nodeId}: ${differences.join(' ')}`.trim()).sort();
}

/** Buckets whose marks are others. */
export function moved(before: readonly string[], after: readonly string[]): readonly number[] {
  return Array.from({ length: BUCKETS }, (_, bucket) => bucket).filter((bucket) => before[bucket] !== after[bucket]);
}
