import type { Publish } from '../lanes/lane.js';
import type { Log } from '../log.js';
import type { RuntimeMetrics } from '../metrics.js';
import type { DriftStore } from '../journal/drift-store.js';
import type { Transport } from '../transport.js';
import { auditBackend } from './audit-backend.js';
import { AuditPace, workOf } from './audit-pace.js';
import { BUCKETS, type BackendAudit, type Finding } from './backend-audit.js';
import { bucketOf } from './bucket-of.js';
import type { DesiredSide } from './desired-side.js';
import type { DriftClock } from './drift-clock.js';
import type { Audited, AuditReport, DriftOptions, Held, RepairOutcome, RepairRequest } from './drift-report.js';
import { decidedBy, type HeldReason } from './held-reasons.js';
import { judgeRepairs, largeShares, SETTLING_MS, type Asker, type Judgement } from './judge-repairs.js';
import { LogView } from './log-view.js';
import { publishRepairs } from './publish-repairs.js';
import { RememberedBuckets } from './remembered-buckets.js';

export type WatchParts = {
  readonly audit: BackendAudit;
  readonly options: DriftOptions;
  readonly registryId: string;
  readonly desiredSide: DesiredSide;
  readonly transport: Pick<Transport, 'progress'>;
  readonly publish: Publish;
  readonly newId: () => string;
  readonly clock: DriftClock;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
};

/** Of the round in hand. */
type Round = {
  readonly store: DriftStore;
  readonly signal: AbortSignal;
  /** Whether this process still leads. */
  readonly leads: () => Promise<boolean>;
};

/** A backend that could not be reached is asked again after this. */
const RETRY_MS = 5000;
/** Repairs are on their way so long, as a rule; then it is worth to see what has become of them. */
const FOLLOW_UP_MS = 5000;

/** The audits of one backend: when the next is due, how it went, and what is done about it. */
export class BackendWatch {
  private readonly remembered = new RememberedBuckets();
  private readonly pace: AuditPace;
  private dueAt = 0;
  private wasServing = false;
  private servingSince: number | null = null;
  private manyMissingSince: number | null = null;

  constructor(private readonly parts: WatchParts) {
    this.pace = new AuditPace(parts.options.auditIntervalMs);
  }

  /** Whether it is time for an audit: the pause is over, or the backend came back. */
  isDue(): boolean {
    const { audit, clock } = this.parts;
    const serves = audit.isServing();
    if (serves && !this.wasServing) this.dueAt = 0;
    if (!serves) this.servingSince = null;
    this.wasServing = serves;
    return clock.now() >= this.dueAt;
  }

  /** One audit, with what follows from it. Rejects when store or log fail. */
  async run(request: RepairRequest | null, round: Round): Promise<RepairOutcome> {
    const { clock, metrics, audit, transport } = this.parts;
    const began = clock.now();
    const auditId = request?.id ?? this.parts.newId();
    const view = await LogView.open(transport, audit.backend);
    const audited = await this.audit(auditId, request, round);
    this.noteView(audited, began);
    const judged = await this.judge(audited, began, request, view);
    const tookMs = clock.now() - began;
    const report: AuditReport = { ...audited, held: held(judged.all), repairs: 0 };
    await round.store.writeAudit(report);
    metrics.driftAudit(report, tookMs / 1000);
    const wanted = judged.wanted.repair;
    const dryRun = request?.dryRun ?? false;
    const repairs = dryRun || wanted.length === 0 ? 0 : await this.repair(wanted, auditId, round);
    const restMs = this.pace.restMs(workOf(audited, tookMs), audited.compared, lookAgainInMs(report, repairs));
    this.rest(restMs, request !== null);
    const { backend, compared, cutOff } = audited;
    const matching = [...judged.wanted.held.values()].reduce((sum, { length }) => sum + length, wanted.length);
    return {
      backend,
      compared,
      matching,
      repairs: dryRun ? wanted.length : repairs,
      held: held(judged.wanted),
      cutOff,
    };
  }

  /** What an operator asked for puts nothing off that was due sooner. */
  private rest(restMs: number, wasAsked: boolean): void {
    const next = this.parts.clock.now() + restMs;
    this.dueAt = wasAsked ? Math.min(this.dueAt, next) : next;
  }

  private audit(auditId: string, request: RepairRequest | null, { store, signal }: Round): Promise<Audited> {
    const { audit, desiredSide, clock } = this.parts;
    const { remembered } = this;
    const turns = remembered.takeTurns();
    const regardless = request === null ? turns : bucketsFor(request);
    return auditBackend({
      auditId,
      audit,
      store,
      desiredSide,
      remembered,
      regardless,
      signal,
      clock,
      isUrgent: request !== null,
    });
  }

  /** A backend that answered has been there since the audit began, at least. */
  private noteView({ cutOff, findings, compared }: Audited, began: number): void {
    const { audit, options } = this.parts;
    if (cutOff !== null || !audit.isServing()) {
      this.servingSince = null;
      return;
    }
    this.servingSince ??= began;
    this.manyMissingSince = largeShares(findings, compared, options).missing ? (this.manyMissingSince ?? began) : null;
  }

  /** What would be done about all findings, and about those that are asked for. */
  private async judge(
    { cutOff, hasRecord, compared, findings }: Audited,
    began: number,
    request: RepairRequest | null,
    log: LogView,
  ): Promise<Judged> {
    const { options } = this.parts;
    // Up to the beginning: an audit that takes long is still one look.
    const since = (moment: number | null): number | null => (moment === null ? null : began - moment);
    const view = {
      cutOff,
      hasRecord,
      compared,
      servingForMs: since(this.servingSince),
      behind: findings.some(({ drift }) => drift !== 'foreign') ? await log.behind() : [],
      manyMissingForMs: since(this.manyMissingSince),
    };
    const all = judgeRepairs(findings, view, options, 'automatic');
    if (request === null) return { all, wanted: all };
    const asker: Asker = request.force ? 'operator_by_force' : 'operator';
    return { all, wanted: onlyOf(judgeRepairs(findings, view, options, asker), request) };
  }

  private async repair(findings: readonly Finding[], askedBy: string, round: Round): Promise<number> {
    const { audit, options, registryId, metrics } = this.parts;
    const { backend } = audit;
    const asked = await publishRepairs(
      findings,
      { askedBy, backend, registryId },
      {
        ...this.parts,
        repairsPerSecond: options.repairsPerSecond,
        signal: round.signal,
        mayGoOn: async () => audit.isServing() && (await round.leads()),
      },
    );
    metrics.driftRepairs(backend, findings.slice(0, asked));
    await round.store.noteRepairs(backend, askedBy, asked);
    return asked;
  }
}

type Judged = { readonly all: Judgement; readonly wanted: Judgement };

/** One node is in one bucket; who asks for more wants to know it of all. */
function bucketsFor({ nodeId }: RepairRequest): ReadonlySet<number> {
  return new Set(nodeId === null ? Array.from({ length: BUCKETS }, (_, bucket) => bucket) : [bucketOf(nodeId)]);
}

/** That part of a judgement on all findings that the request is about. */
function onlyOf({ repair, held }: Judgement, { nodeId, drift }: RepairRequest): Judgement {
  const isMeant = (finding: Finding): boolean =>
    (nodeId === null || finding.nodeId === nodeId) && (drift === null || finding.drift === drift);
  const parts = [...held].map(([reason, findings]) => [reason, findings.filter(isMeant)] as const);
  return { repair: repair.filter(isMeant), held: new Map(parts.filter(([, findings]) => findings.length > 0)) };
}

function held(judgement: Judgement): readonly Held[] {
  return [...judgement.held].map(([reason, { length }]) => ({ reason, entries: length }));
}

function lookAgainInMs({ cutOff, held: reasons }: AuditReport, repairs: number): number | null {
  if (cutOff !== null) return RETRY_MS;
  if (repairs > 0) return FOLLOW_UP_MS;
  return reasons.some(({ reason }: { readonly reason: HeldReason }) => decidedBy(reason) === 'waits')
    ? SETTLING_MS
    : null;
}
