import { randomUUID } from 'node:crypto';
import type { Backend } from '../messages/index.js';
import { consulAuditThrough } from '../registry-effect/consul/consul-audit.js';
import { createPostgresAudit } from '../registry-effect/postgres/postgres-audit.js';
import type { BackendAudit } from '../runtime/drift/backend-audit.js';
import { DriftAuditor } from '../runtime/drift/drift-auditor.js';
import { DriftBell } from '../runtime/drift/drift-bell.js';
import { SYSTEM_CLOCK } from '../runtime/drift/drift-clock.js';
import { DRIFT_LOCK, LeaderLock, leadThrough } from '../runtime/journal/leader-lock.js';
import type { OutgoingRecord } from '../runtime/lanes/lane.js';
import type { Log } from '../runtime/log.js';
import type { RuntimeMetrics } from '../runtime/metrics.js';
import type { Transport } from '../runtime/transport.js';
import { consulReader } from './backends/consul-reads.js';
import type { RegistryTable } from './backends/registry-table.js';
import type { SimulatedConsul } from './backends/simulated-consul.js';
import { REGISTRY_ID } from './plan/plan.js';
import { driftVerbs, type DriftTable } from './stores/drift-table.js';
import type { LeaderSession, LeaderSessions } from './stores/leader-sessions.js';
import type { StateTable } from './stores/state-table.js';
import type { Owner } from './time/virtual-time.js';
import type { Wire } from './wire.js';

/** Who hears of what audits do, at its moment. */
export type AuditEar = {
  /** Before anything is looked at. For a request of an operator `auditId` is the request's, and a leader may begin it again. */
  begun(owner: Owner, auditId: string): void;
  /** A backend could not be read. */
  unread(owner: Owner, backend: Backend): void;
  /** Right before repairs are sent. */
  asks(owner: Owner, records: readonly OutgoingRecord[], serves: (backend: Backend) => boolean): void;
};

export type AuditWorld = {
  readonly wire: Wire;
  readonly table: StateTable;
  readonly sessions: LeaderSessions;
  readonly consul: SimulatedConsul;
  readonly registry: RegistryTable;
  readonly log: Log;
  readonly metrics: RuntimeMetrics;
  readonly drift: DriftTable;
  readonly auditIntervalMs: number;
  readonly auditEar: AuditEar;
};

type Parts = {
  readonly owner: Owner;
  readonly world: AuditWorld;
  readonly transport: Pick<Transport, 'publish' | 'progress'>;
  /** Whether the breaker of this process lets writes to the backend through. */
  readonly serves: (backend: Backend) => boolean;
  readonly requestTimeoutMs: number;
};

const REPAIRS_PER_SECOND = 200;
const MAX_SHARE = 0.1;

/** The drift audit of a replica: the real one, on its own connections. */
export function auditorOf({ owner, world, transport, serves, requestTimeoutMs }: Parts): DriftAuditor {
  const { table, drift, sessions, consul, registry, wire, log, metrics, auditEar: ear } = world;
  const ofConsul = consulAuditThrough(consulReader(consul, owner, wire, requestTimeoutMs), {
    registryId: REGISTRY_ID,
    isServing: () => serves('consul'),
  });
  const ofTable = createPostgresAudit({
    pool: registry.poolOf(owner, wire),
    isServing: () => serves('postgres'),
    requestTimeoutMs,
  });
  return new DriftAuditor({
    audits: [ofConsul, sparingEmpty(ofTable, registry)].map((audit) => heard(audit, owner, ear)),
    options: {
      auditIntervalMs: world.auditIntervalMs,
      repair: 'auto',
      repairsPerSecond: REPAIRS_PER_SECOND,
      maxShare: MAX_SHARE,
    },
    registryId: REGISTRY_ID,
    leadership: leadThrough(new LeaderLock(sessions.databaseOf(owner), DRIFT_LOCK, log), (session) =>
      driftVerbs(session as unknown as LeaderSession, {
        table,
        drift,
        onRequest: (leader, { id }) => ear.begun(leader, id),
      }),
    ),
    transport,
    publish: (records) => {
      ear.asks(owner, records, serves);
      return transport.publish(records);
    },
    newId: () => {
      const id = randomUUID();
      ear.begun(owner, id);
      return id;
    },
    bell: new DriftBell(),
    clock: SYSTEM_CLOCK,
    log,
    metrics,
  });
}

/** Most of the 256 buckets have neither rows nor nodes: nothing is asked about them. */
function sparingEmpty(audit: BackendAudit, registry: RegistryTable): BackendAudit {
  return {
    ...audit,
    compare: (bucket, desired) =>
      desired.length === 0 && registry.bucket(bucket).length === 0
        ? Promise.resolve({ entries: 0, compared: 0, findings: [] })
        : audit.compare(bucket, desired),
  };
}

function heard(audit: BackendAudit, owner: Owner, ear: AuditEar): BackendAudit {
  const reading = async <T>(answer: Promise<T>): Promise<T> => {
    try {
      return await answer;
    } catch (error) {
      ear.unread(owner, audit.backend);
      throw error;
    }
  };
  return {
    backend: audit.backend,
    isServing: () => audit.isServing(),
    marks: () => reading(audit.marks()),
    compare: (bucket, desired) => reading(audit.compare(bucket, desired)),
  };
}
