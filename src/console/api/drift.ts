import type { Drift, DriftRepair } from '../../api-answers/answers.js';
import { call } from './call.js';
import type { DriftFilter, RepairOrder } from './drift-model.js';

const PAGE = 50;

export async function readDrift(filter: DriftFilter, cursor: string | null, signal: AbortSignal): Promise<Drift> {
  const query = new URLSearchParams({ ...filter, limit: String(PAGE), ...(cursor === null ? {} : { cursor }) });
  return (await call<Drift>(`/v1/drift?${query.toString()}`, { signal })).body;
}

/** Long enough for an audit of a large fleet in most cases. */
const WAIT_SECONDS = 20;

/** An audit at once, and what it asks for; it may still be under way when the answer comes. */
export async function repairDrift(order: RepairOrder): Promise<DriftRepair> {
  const headers = { prefer: `wait=${WAIT_SECONDS}` };
  return (await call<DriftRepair>('/v1/drift/repair', { method: 'POST', body: order, headers })).body;
}

export async function readRepair(id: string, signal: AbortSignal): Promise<DriftRepair> {
  return (await call<DriftRepair>(`/v1/drift/repairs/${encodeURIComponent(id)}`, { signal })).body;
}
