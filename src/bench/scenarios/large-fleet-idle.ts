import { setTimeout as sleep } from 'node:timers/promises';
import { scrape, sumOf } from '../load/scrape.js';
import { until } from '../load/until.js';
import type { Bench, CpuSeconds, Registry } from '../scenario.js';
import { cpuBetween, mapParties } from '../usage/usage.js';

/** Percent of one core, by party. */
export type Idle = CpuSeconds;

const AUDIT_WITHIN_MS = 240_000;
const LAST_AUDIT = 'rollcall_drift_last_audit_timestamp_seconds';

/** What it takes to do nothing, for a while. */
export async function idleCost(bench: Bench): Promise<Idle> {
  const [before, began] = [bench.usage.cpu(), performance.now()];
  await sleep(bench.quick ? 4000 : 20_000, undefined, { signal: bench.signal });
  const used = cpuBetween(before, bench.usage.cpu());
  const seconds = (performance.now() - began) / 1000;
  return mapParties((party) => (used[party] / seconds) * 100);
}

/**
 * Resolves when a registry that has just started has compared its whole fleet with both backends, which it does once. Rejects when it found
 * something amiss: then the fleet is not as the registry itself would have left it.
 */
export async function auditedOnce({ signal }: Bench, { baseUrl }: Registry): Promise<void> {
  const audited = async (): Promise<boolean> => {
    const metrics = await scrape(baseUrl);
    return ['consul', 'postgres'].every((backend) => (metrics.get(`${LAST_AUDIT}{backend="${backend}"}`) ?? 0) > 0);
  };
  await until(audited, () => 'the registry has not audited both backends', {
    withinMs: AUDIT_WITHIN_MS,
    everyMs: 500,
    signal,
  });
  const amiss = sumOf(await scrape(baseUrl), 'rollcall_drift_entries');
  if (amiss > 0)
    throw new Error(`the audit finds ${amiss} entries of the fleet to be amiss: see /v1/drift of a registry`);
}
