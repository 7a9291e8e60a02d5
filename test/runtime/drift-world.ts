import { Registry } from 'prom-client';
import type { Message } from '../../src/messages/index.js';
import { decodeText } from '../../src/messages/index.js';
import {
  BUCKETS,
  type BackendAudit,
  type Comparison,
  type DesiredNode,
  type Finding,
} from '../../src/runtime/drift/backend-audit.js';
import { bucketOf } from '../../src/runtime/drift/bucket-of.js';
import { DriftAuditor } from '../../src/runtime/drift/drift-auditor.js';
import { DriftBell } from '../../src/runtime/drift/drift-bell.js';
import type {
  AuditReport,
  DesiredRow,
  DriftOptions,
  RepairOutcome,
  RepairRequest,
} from '../../src/runtime/drift/drift-report.js';
import type { DriftStore } from '../../src/runtime/journal/drift-store.js';
import type { OutgoingRecord } from '../../src/runtime/lanes/lane.js';
import { RuntimeMetrics } from '../../src/runtime/metrics.js';
import { createLog } from '../../src/runtime/log.js';
import { id, RECORD, T0 } from '../support/builders.js';

export const OPTIONS: DriftOptions = { auditIntervalMs: 30_000, repair: 'auto', repairsPerSecond: 500, maxShare: 0.2 };

/** A backend that holds revisions by node id; what it holds and nobody desires is a ghost, `foreign-…` foreign. */
export class TestBackend implements BackendAudit {
  readonly backend = 'consul' as const;
  readonly holds = new Map<string, number>();
  readonly compared: number[] = [];
  serves = true;
  fails: Error | null = null;
  /** Runs while a bucket is compared. */
  meanwhile: (bucket: number) => void = () => undefined;
  /** Buckets that what is found in one concerns. */
  readonly concerns = new Map<number, readonly number[]>();

  isServing(): boolean {
    return this.serves;
  }

  marks(): Promise<readonly string[]> {
    if (this.fails !== null) return Promise.reject(this.fails);
    return Promise.resolve(byBucket([...this.holds].map(([nodeId, revision]) => [nodeId, `${nodeId}=${revision}`])));
  }

  compare(bucket: number, desired: readonly DesiredNode[]): Promise<Comparison> {
    if (this.fails !== null) return Promise.reject(this.fails);
    this.compared.push(bucket);
    const found = [...this.holds].filter(([nodeId]) => bucketOf(nodeId) === bucket);
    const wanted = new Map(desired.map((node) => [node.nodeId, node]));
    const findings: Finding[] = [];
    for (const { nodeId, revision } of desired) {
      const foundRevision = this.holds.get(nodeId) ?? null;
      if (foundRevision === revision) continue;
      const drift = foundRevision === null ? 'missing' : 'altered';
      findings.push({ nodeId, drift, revision, foundRevision, differences: [], entry: null });
    }
    for (const [nodeId, foundRevision] of found) {
      if (wanted.has(nodeId)) continue;
      const drift = nodeId.startsWith('foreign-') ? 'foreign' : 'ghost';
      const entry = { consulNode: 'rollcall-00', serviceId: `onex-effect-${nodeId}`, serviceName: 'onex-effect' };
      findings.push({ nodeId, drift, revision: null, foundRevision, differences: [], entry });
    }
    this.meanwhile(bucket);
    const concerns = this.concerns.get(bucket) ?? [];
    return Promise.resolve({ entries: found.length, compared: desired.length, findings, concerns });
  }
}

/** The reducer's rows and the tables of the audit, in memory. */
export class TestStore implements DriftStore {
  readonly rows = new Map<string, DesiredRow>();
  readonly reports: AuditReport[] = [];
  readonly requests: RepairRequest[] = [];
  readonly outcomes = new Map<string, readonly RepairOutcome[]>();
  readonly noted: (readonly [string, number])[] = [];
  digestsRead = 0;
  steps = 0;
  fails: Error | null = null;

  desire(nodeId: string, revision: number, confirmed = revision): void {
    const version = (this.rows.get(nodeId)?.version ?? 0) + 1;
    const desired = { revision, presence: 'present', health: 'passing', attemptId: id(1) } as const;
    const record = { ...RECORD, nodeId } as unknown as DesiredNode['record'];
    this.rows.set(nodeId, {
      nodeId,
      version,
      desired: { ...desired, record },
      confirmed: { consul: confirmed, postgres: confirmed },
    });
    this.steps += 1;
  }

  journalEnd(): Promise<string> {
    return this.fails === null ? Promise.resolve(String(this.steps)) : Promise.reject(this.fails);
  }

  digests(): Promise<readonly string[]> {
    this.digestsRead += 1;
    return Promise.resolve(
      byBucket([...this.rows.values()].map(({ nodeId, version }) => [nodeId, `${nodeId} ${version}`])),
    );
  }

  desired(bucket: number): Promise<readonly DesiredRow[]> {
    return Promise.resolve([...this.rows.values()].filter(({ nodeId }) => bucketOf(nodeId) === bucket));
  }

  async versions(bucket: number): Promise<ReadonlyMap<string, number>> {
    return new Map((await this.desired(bucket)).map(({ nodeId, version }) => [nodeId, version]));
  }

  writeAudit(report: AuditReport): Promise<void> {
    this.reports.push(report);
    return Promise.resolve();
  }

  noteRepairs(_backend: string, auditId: string, repairs: number): Promise<void> {
    this.noted.push([auditId, repairs]);
    return Promise.resolve();
  }

  nextRepair(): Promise<RepairRequest | null> {
    return Promise.resolve(this.requests.find((request) => !this.outcomes.has(request.id)) ?? null);
  }

  finishRepair(requestId: string, outcome: readonly RepairOutcome[]): Promise<void> {
    this.outcomes.set(requestId, outcome);
    return Promise.resolve();
  }
}

/** An auditor with everything around it, and a clock that only pauses and the test move. */
export class DriftWorld {
  readonly backend = new TestBackend();
  readonly store = new TestStore();
  readonly published: OutgoingRecord[] = [];
  readonly bell = new DriftBell();
  readonly auditor: DriftAuditor;
  readonly registry = new Registry();
  /** Positions of all consumers; `end` of every topic. */
  log: { committed: bigint; readonly end: bigint } | null = { committed: 10n, end: 10n };
  leads = true;
  released = 0;
  onPublish: () => void = () => undefined;
  private ms = 1_000_000;
  private ids = 0;

  constructor(options: Partial<DriftOptions> = {}) {
    this.auditor = new DriftAuditor({
      audits: [this.backend],
      options: { ...OPTIONS, ...options },
      registryId: 'rollcall',
      leadership: {
        lead: () => Promise.resolve(this.leads ? this.store : null),
        keep: () => Promise.resolve(),
        release: () => {
          this.released += 1;
          return Promise.resolve();
        },
      },
      transport: {
        progress: () =>
          this.log === null ? Promise.reject(new Error('no broker')) : Promise.resolve([{ partition: 0, ...this.log }]),
      },
      publish: (records) => {
        this.published.push(...records);
        this.onPublish();
        return Promise.resolve([]);
      },
      bell: this.bell,
      clock: {
        now: () => this.ms,
        wall: () => new Date(T0 + this.ms).toISOString(),
        pause: (ms) => {
          this.ms += ms;
          return Promise.resolve();
        },
      },
      newId: () => id((this.ids += 1)),
      log: createLog('silent'),
      metrics: new RuntimeMetrics(this.registry),
    });
  }

  /** Time passes. Milliseconds. */
  pass(ms: number): void {
    this.ms += ms;
  }

  /** Time passes, then a round. Resolves to what audits of that round reported. */
  async after(ms: number): Promise<readonly AuditReport[]> {
    this.ms += ms;
    const before = this.store.reports.length;
    await this.auditor.round();
    return this.store.reports.slice(before);
  }

  get messages(): readonly Message<'REGISTRY_DRIFT_DETECTED'>[] {
    return this.published.map(({ value }) => {
      const decoded = decodeText(String(value));
      if (!decoded.ok) throw new Error(decoded.reason);
      return decoded.message as Message<'REGISTRY_DRIFT_DETECTED'>;
    });
  }

  /** Nodes that the reducer was asked to repair, in order. */
  get asked(): readonly string[] {
    return this.messages.map(({ payload }) => `${payload.drift} ${payload.nodeId}`);
  }

  async metric(name: string): Promise<Readonly<Record<string, number>>> {
    const { values } = (await this.registry.getSingleMetric(name)?.get()) ?? { values: [] };
    return Object.fromEntries(values.map(({ labels, value }) => [Object.values(labels).join(' '), value]));
  }
}

/** For each bucket all that is said about nodes in it. */
function byBucket(said: readonly (readonly [string, string])[]): readonly string[] {
  const texts = Array.from({ length: BUCKETS }, (): string[] => []);
  for (const [nodeId, text] of said) texts[bucketOf(nodeId)]?.push(text);
  return texts.map((all) => all.join(';'));
}
