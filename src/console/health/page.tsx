import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { RegistrationMetrics } from '../../api-answers/answers.js';
import { readGauges, readHealth, readRegistrations } from '../api/health.js';
import { Badge } from '../parts/badge.js';
import { Facts } from '../parts/facts.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { whole } from '../words/numbers.js';
import { ComponentPanel, HEALTH_TONES } from './component-panel.js';
import { ExpiryPanel } from './expiry-panel.js';
import { LagPanel } from './lag-panel.js';

const READ_EVERY_MS = 3000;

/** How the registry itself is. */
export function HealthPage(): ReactNode {
  const health = useQuery({
    queryKey: ['health'],
    queryFn: ({ signal }) => readHealth(signal),
    refetchInterval: READ_EVERY_MS,
  });
  const gauges = useQuery({
    queryKey: ['gauges'],
    queryFn: ({ signal }) => readGauges(signal),
    refetchInterval: READ_EVERY_MS,
  });
  const registrations = useQuery({
    queryKey: ['fleet', 'registrations'],
    queryFn: ({ signal }) => readRegistrations(signal),
  });
  const status = health.data?.status;
  return (
    <Page title="Health" about={status !== undefined && <Badge tone={HEALTH_TONES[status]}>{status}</Badge>}>
      {health.error !== null && <ProblemNote error={health.error} onRetry={() => void health.refetch()} />}
      {health.data === undefined && health.error === null && <Loading lines={8} />}
      <div className="columns">
        {Object.entries(health.data?.components ?? {}).map(([name, component]) => (
          <ComponentPanel
            key={name}
            name={name}
            component={component}
            breaker={gauges.data?.breakers.find(({ backend }) => backend === name)?.state}
          />
        ))}
        <ExpiryPanel />
        <Panel title="Registrations">
          {registrations.error !== null && <ProblemNote error={registrations.error} />}
          {registrations.data === undefined ? (
            registrations.error === null && <Loading lines={5} />
          ) : (
            <Facts
              facts={countsOf(registrations.data).map(([name, key, count]) => [
                name,
                <span data-count={key}>{whole(count)}</span>,
              ])}
            />
          )}
        </Panel>
      </div>
      <LagPanel gauges={gauges.data} error={gauges.error} />
    </Page>
  );
}

/** Name, key and number of each. */
function countsOf(of: RegistrationMetrics): readonly (readonly [string, string, number])[] {
  return [
    ['Asked', 'total', of.total],
    ['Successful', 'successful', of.successful],
    ['Failed', 'failed', of.failed],
    ['In Consul', 'consul', of.consulRegistrations],
    ['In PostgreSQL', 'postgres', of.postgresRegistrations],
    ['Active now', 'active', of.registeredNodes.count],
  ];
}
