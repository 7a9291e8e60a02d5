import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { DriftFinding, NodeBackend, NodeBackends } from '../../api-answers/answers.js';
import { readBackends } from '../api/node.js';
import { readDrift } from '../api/drift.js';
import { Badge } from '../parts/badge.js';
import { Json } from '../parts/json.js';
import { Loading } from '../parts/loading.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import type { Tone } from '../words/states.js';

const STATUSES: Readonly<Record<NodeBackend['status'], readonly [Tone, string]>> = {
  confirmed: ['good', 'Confirmed'],
  pending: ['wait', 'Pending'],
  refused: ['bad', 'Refused'],
  never_asked: ['off', 'Never asked'],
};

/** What both backends are to hold of the node beside what each has confirmed, and what the audit found there. */
export function BackendsPanel({ nodeId }: { readonly nodeId: string }): ReactNode {
  const { data, error } = useQuery({
    queryKey: ['node', nodeId, 'backends'],
    queryFn: ({ signal }) => readBackends(nodeId, signal),
  });
  const drift = useQuery(driftOf(nodeId));
  return (
    <Panel title="Backends">
      {error !== null && <ProblemNote error={error} />}
      {data === undefined && error === null && <Loading lines={4} />}
      {data !== undefined && <SideBySide backends={data} findings={drift.data?.items ?? []} />}
    </Panel>
  );
}

/** The findings of a node; asked for in two places, read once. */
export function driftOf(nodeId: string) {
  return {
    queryKey: ['node', nodeId, 'drift'],
    queryFn: ({ signal }: { readonly signal: AbortSignal }) => readDrift({ nodeId }, null, signal),
    refetchInterval: 10_000,
  };
}

function SideBySide({
  backends,
  findings,
}: {
  readonly backends: NodeBackends;
  readonly findings: readonly DriftFinding[];
}) {
  const { desired, consul, postgres } = backends;
  if (desired === null)
    return <p className="nothing">Nothing was ever asked of Consul and PostgreSQL for this node.</p>;
  const sides = [
    { name: 'Consul', backend: consul, found: findings.filter((finding) => finding.backend === 'consul') },
    { name: 'PostgreSQL', backend: postgres, found: findings.filter((finding) => finding.backend === 'postgres') },
  ];
  const wanted = desired.presence === 'absent' ? 'no entry' : `entry, ${desired.health}`;
  return (
    <>
      <div className="scroll" tabIndex={0} role="region" aria-label="Backends side by side">
        <table className="sides">
          <thead>
            <tr>
              <td />
              <th scope="col">Desired</th>
              {sides.map(({ name }) => (
                <th key={name} scope="col">
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Answer</th>
              <td>{wanted}</td>
              {sides.map(({ name, backend }) => (
                <td key={name}>
                  <Badge tone={STATUSES[backend.status][0]}>{STATUSES[backend.status][1]}</Badge>
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">Revision</th>
              <td data-backend="desired">{desired.revision}</td>
              {sides.map(({ name, backend }) => (
                <td key={name} data-backend={name}>
                  {backend.confirmedRevision === 0 ? 'none confirmed' : backend.confirmedRevision}
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">Last error</th>
              <td />
              {sides.map(({ name, backend: { failure } }) => (
                <td key={name} className="wrap">
                  {failure === null ? 'none' : `${failure.code}: ${failure.message} (revision ${failure.revision})`}
                </td>
              ))}
            </tr>
            <tr>
              <th scope="row">Audit</th>
              <td>as desired</td>
              {sides.map(({ name, found }) => (
                <td key={name} className="wrap">
                  {found.length === 0 ? 'no difference found' : found.map(findingWords).join('; ')}
                </td>
              ))}
            </tr>
          </tbody>
        </table>
      </div>
      <details className="more-below">
        <summary>The desired record</summary>
        <Json value={desired.record} label="The desired record" />
      </details>
    </>
  );
}

function findingWords({ drift, differences, foundRevision }: DriftFinding): string {
  const what = differences.length === 0 ? '' : ` in ${differences.join(', ')}`;
  return `${drift}${what}${foundRevision === null ? '' : `, holds revision ${foundRevision}`}`;
}
