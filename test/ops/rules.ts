import { parse } from 'yaml';
import { page } from '../docs/pages.js';

export type Alert = {
  readonly alert: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<'summary' | 'description' | 'runbook_url', string>>;
};
export type Recording = { readonly record: string; readonly expr: string };

function rulesOf<T>(path: string): readonly T[] {
  const { groups } = parse(page(path)) as { groups: readonly { readonly rules: readonly T[] }[] };
  return groups.flatMap(({ rules }) => rules);
}

export const alerts = (): readonly Alert[] => rulesOf<Alert>('ops/prometheus/alerts.yml');
export const recordings = (): readonly Recording[] => rulesOf<Recording>('ops/prometheus/recording.yml');
