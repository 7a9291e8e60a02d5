import { call } from './call.js';

export const BACKENDS = ['consul', 'postgres'] as const;
export type BackendName = (typeof BACKENDS)[number];
export const DRIFTS = ['missing', 'altered', 'ghost', 'foreign'] as const;
export type DriftKind = (typeof DRIFTS)[number];

export type Held = {
  readonly reason: string;
  readonly entries: number;
  readonly decidedBy: 'waits' | 'operator' | 'nobody';
  readonly text: string;
};

export type BackendDrift = {
  readonly backend: BackendName;
  readonly status: 'clean' | 'drifting' | 'held' | 'incomplete';
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly compared: number;
  readonly entries: number;
  readonly unsettled: number;
  readonly counts: Readonly<Record<DriftKind, number>>;
  readonly cutOff: string | null;
  readonly held: readonly Held[];
  readonly heldSince: string | null;
  readonly repairs: number;
};

export type Finding = {
  readonly backend: BackendName;
  readonly nodeId: string;
  readonly drift: DriftKind;
  readonly revision: number | null;
  readonly foundRevision: number | null;
  readonly differences: readonly string[];
  readonly entry: { readonly consulNode: string; readonly serviceId: string; readonly serviceName: string } | null;
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
};

export type DriftReport = {
  readonly backends: readonly BackendDrift[];
  readonly items: readonly Finding[];
  readonly nextCursor: string | null;
};

export type DriftFilter = {
  readonly backend?: BackendName;
  readonly drift?: DriftKind;
  readonly nodeId?: string;
};

export type RepairOrder = DriftFilter & { readonly dryRun: boolean; readonly force: boolean };

export type Repair = {
  readonly id: string;
  readonly status: 'pending' | 'running' | 'done';
  readonly dryRun: boolean;
  readonly outcome: readonly {
    readonly backend: BackendName;
    readonly compared: number;
    readonly matching: number;
    readonly repairs: number;
    readonly held: readonly Held[];
    readonly cutOff: string | null;
  }[];
};

const PAGE = 50;

export async function readDrift(filter: DriftFilter, cursor: string | null, signal: AbortSignal): Promise<DriftReport> {
  const query = new URLSearchParams({ ...filter, limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
  return (await call<DriftReport>(`/v1/drift?${query.toString()}`, { signal })).body;
}

/** Long enough for an audit of a large fleet in most cases. */
const WAIT_SECONDS = 20;

/** An audit at once, and what it asks for; it may still be under way when the answer comes. */
export async function repairDrift(order: RepairOrder): Promise<Repair> {
  const headers = { prefer: `wait=${WAIT_SECONDS}` };
  return (await call<Repair>('/v1/drift/repair', { method: 'POST', body: order, headers })).body;
}

export async function readRepair(id: string, signal: AbortSignal): Promise<Repair> {
  return (await call<Repair>(`/v1/drift/repairs/${encodeURIComponent(id)}`, { signal })).body;
}
