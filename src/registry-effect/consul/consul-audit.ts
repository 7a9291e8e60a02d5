import { hash as digest } from 'node:crypto';
import { registerSecret } from '../../messages/index.js';
import type { BackendAudit, Finding } from '../drift/backend-audit.js';
import { BUCKETS, bucketOf } from '../drift/buckets.js';
import { auditPage, strayFindings, type Stray } from './audit-page.js';
import { tokenOf, type ConsulConnection } from './consul-options.js';
import { createConsulReader, type ConsulReader } from './consul-reader.js';
import { readElsewhere } from './read-elsewhere.js';
import { readMark } from './read-mark.js';
import { readPage } from './read-page.js';
import { syntheticNode } from './service-names.js';

export type ConsulAudit = BackendAudit & { close(): Promise<void> };

export type ConsulAuditOptions = ConsulConnection & {
  readonly registryId: string;
  readonly requestTimeoutMs?: number;
  readonly isServing: () => boolean;
};

const REQUEST_TIMEOUT_MS = 10_000;

/** Looks at Consul: a bucket is a synthetic node. What is ours on the nodes of others is looked for once after each change. */
export function createConsulAudit(options: ConsulAuditOptions): ConsulAudit {
  registerSecret(tokenOf(options));
  const { requestTimeoutMs = REQUEST_TIMEOUT_MS } = options;
  return consulAuditThrough(createConsulReader({ ...options, requestTimeoutMs }), options);
}

/** The same through whatever client reads. */
export function consulAuditThrough(
  reader: ConsulReader,
  { registryId, isServing }: Pick<ConsulAuditOptions, 'registryId' | 'isServing'>,
): ConsulAudit {
  const elsewhere = whileUnchanged(() => readElsewhere(reader, registryId));
  /** What a page has of other pages' nodes, by the page that it was seen on. */
  const misplaced = new Map<number, readonly Stray[]>();
  let mark: string | null = null;

  const strayedFrom = (bucket: number): readonly Stray[] =>
    [...misplaced.values()].flat().filter(({ nodeId }) => bucketOf(nodeId) === bucket);

  return {
    backend: 'consul',
    isServing,
    async marks() {
      const now = await readMark(reader);
      mark = now;
      // What was found of a page's nodes on another one is a reason to look at it again.
      return Array.from({ length: BUCKETS }, (_, bucket) => withStrays(now, strayedFrom(bucket)));
    },
    async compare(bucket, desired) {
      const page = await readPage(reader, syntheticNode(registryId, bucket));
      const { findings, strays } = auditPage(page, { bucket, desired, registryId });
      if (strays.length === 0) misplaced.delete(bucket);
      else misplaced.set(bucket, strays);
      const away = (await elsewhere(mark)).filter(({ nodeId }) => bucketOf(nodeId) === bucket);
      const byId = new Map(desired.map((node) => [node.nodeId, node]));
      const strayed = await stillThere(reader, strayedFrom(bucket));
      const ghosts = [...strayed, ...away].flatMap((stray): readonly Finding[] =>
        strayFindings(stray, byId.get(stray.nodeId)),
      );
      return {
        entries: page.services.length + away.length,
        compared: desired.filter(({ settled }) => settled).length,
        findings: [...findings, ...ghosts],
        concerns: strays.map(({ nodeId }) => bucketOf(nodeId)),
      };
    },
    close: () => reader.close(),
  };
}

/** Their page may not have been looked at since they went. There are hardly ever any. */
async function stillThere(reader: ConsulReader, strays: readonly Stray[]): Promise<readonly Stray[]> {
  const found: Stray[] = [];
  for (const stray of strays) {
    const { services } = await readPage(reader, stray.consulNode);
    if (services.some(({ ID }) => ID === stray.service.ID)) found.push(stray);
  }
  return found;
}

function withStrays(mark: string, strays: readonly Stray[]): string {
  if (strays.length === 0) return mark;
  const names = strays.map(({ consulNode, service }) => `${consulNode} ${service.ID}`).sort();
  return `${mark} ${digest('sha256', names.join('\n'))}`;
}

/** What `look` found last, until the mark is another one; without a mark, it looks each time. */
function whileUnchanged<T>(look: () => Promise<T>): (mark: string | null) => Promise<T> {
  let last: { readonly mark: string; readonly result: Promise<T> } | null = null;
  return (mark) => {
    if (mark === null) return look();
    if (last?.mark !== mark) {
      const current = { mark, result: look() };
      last = current;
      current.result.catch(() => {
        if (last === current) last = null;
      });
    }
    return last.result;
  };
}
