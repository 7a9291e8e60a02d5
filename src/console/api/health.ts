import type { Expiry, Health, RegistrationMetrics } from '../../api-answers/answers.js';
import { samplesOf, sumsBy } from '../words/metrics.js';
import { call } from './call.js';

export type HealthStatus = Health['status'];
export type Component = Health['components'][string];

/** Also an unhealthy registry answers with this. */
export async function readHealth(signal: AbortSignal): Promise<Health> {
  return (await call<Health>('/health', { signal })).body;
}

export async function readExpiry(signal: AbortSignal): Promise<Expiry> {
  return (await call<Expiry>('/v1/expiry', { signal })).body;
}

export async function releaseExpiry(forMs: number): Promise<Expiry> {
  return (await call<Expiry>('/v1/expiry/release', { method: 'POST', body: { forMs } })).body;
}

export async function resumeProtection(): Promise<Expiry> {
  return (await call<Expiry>('/v1/expiry/resume-protection', { method: 'POST' })).body;
}

export async function readRegistrations(signal: AbortSignal): Promise<RegistrationMetrics> {
  return (await call<RegistrationMetrics>('/v1/metrics/registrations', { signal })).body;
}

export type Gauges = {
  /** Records that each group has not committed yet, by group and topic; the largest first. */
  readonly lag: readonly { readonly group: string; readonly topic: string; readonly records: number }[];
  /** 0 closed, 1 half open, 2 open. */
  readonly breakers: readonly { readonly backend: string; readonly state: number }[];
};

const LAG = 'rollcall_consumer_lag_records';
const BREAKER = 'rollcall_breaker_state';

/** Of the process that answers: one among its replicas. */
export async function readGauges(signal: AbortSignal): Promise<Gauges> {
  const { body } = await call<string>('/metrics', { headers: { accept: 'text/plain' }, signal });
  const samples = samplesOf(body, new Set([LAG, BREAKER]));
  return {
    lag: sumsBy(
      samples.filter(({ name }) => name === LAG),
      ['group', 'topic'],
    ).map(({ of: [group = '', topic = ''], sum }) => ({ group, topic, records: sum })),
    breakers: samples
      .filter(({ name }) => name === BREAKER)
      .map(({ labels, value }) => ({ backend: labels['backend'] ?? '', state: value })),
  };
}
