import type { ReactNode } from 'react';
import type { Component, HealthStatus } from '../api/health.js';
import { Badge } from '../parts/badge.js';
import { Facts } from '../parts/facts.js';
import { Panel } from '../parts/panel.js';
import { detailWords } from '../words/details.js';
import type { Tone } from '../words/states.js';

export const HEALTH_TONES: Readonly<Record<HealthStatus, Tone>> = {
  healthy: 'good',
  degraded: 'wait',
  unhealthy: 'bad',
};

const NAMES: Readonly<Record<string, string>> = {
  kafka: 'Log (Kafka)',
  state: 'State database',
  consul: 'Consul',
  postgres: 'PostgreSQL (registry)',
  expiry: 'Mass-expiry protection',
  drift: 'Drift',
};

/** Of the gauge of a breaker. */
const BREAKERS = ['closed', 'half open', 'open'] as const;
const BREAKER_TONES: readonly Tone[] = ['good', 'wait', 'bad'];

type Props = { readonly name: string; readonly component: Component; readonly breaker: number | undefined };

export function ComponentPanel({ name, component, breaker }: Props): ReactNode {
  const { status, critical, message, details } = component;
  const { breaker: _gauge, ...others } = details;
  return (
    <Panel title={NAMES[name] ?? name} aside={<Badge tone={HEALTH_TONES[status]}>{status}</Badge>}>
      <p className="wrap">{message}</p>
      <Facts
        facts={[
          ['Needed', critical ? 'yes: nothing works without it' : 'no: its work waits for it'],
          ...(breaker === undefined
            ? []
            : [
                [
                  'Breaker',
                  <Badge key="breaker" tone={BREAKER_TONES[breaker] ?? 'off'}>
                    {BREAKERS[breaker] ?? String(breaker)}
                  </Badge>,
                ] as const,
              ]),
          ...Object.entries(others).map(
            ([detail, value]) =>
              [
                detail,
                <span key={detail} className="wrap">
                  {detailWords(value)}
                </span>,
              ] as const,
          ),
        ]}
      />
    </Panel>
  );
}
