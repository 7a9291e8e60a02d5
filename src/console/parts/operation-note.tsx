import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, type ReactNode } from 'react';
import type { Operation } from '../../api-answers/answers.js';
import { readOperation } from '../api/operations.js';
import type { Tone } from '../words/states.js';
import { Badge } from './badge.js';
import { ProblemNote } from './problem-note.js';
import { Clock } from './time.js';

const ASK_EVERY_MS = 500;

const STATUSES: Readonly<Record<Operation['status'], readonly [Tone, string]>> = {
  pending: ['wait', 'Under way'],
  succeeded: ['good', 'Succeeded'],
  failed: ['bad', 'Failed'],
};

/** A command on its way: its steps as they happen, until it is decided. */
export function useOperation(id: string | null) {
  return useQuery({
    queryKey: ['operation', id],
    queryFn: ({ signal }) => readOperation(id ?? '', signal),
    enabled: id !== null,
    refetchInterval: ({ state }) =>
      state.data === undefined || state.data.status === 'pending' ? ASK_EVERY_MS : false,
  });
}

export function OperationNote({ id }: { readonly id: string }): ReactNode {
  const client = useQueryClient();
  const { data, error } = useOperation(id);
  const status = data?.status ?? 'pending';
  const nodeId = data?.nodeId;
  useEffect(() => {
    if (status === 'pending') return;
    void client.invalidateQueries({ queryKey: ['fleet'] });
    void client.invalidateQueries({ queryKey: ['node', nodeId] });
  }, [client, status, nodeId]);
  const [tone, label] = STATUSES[status];
  return (
    <div className={`note ${tone} operation`} role="status">
      <p>
        <Badge tone={tone}>{label}</Badge> {data?.kind === 'deregister' ? 'Deregistration' : 'Registration'}
        {data?.reason !== undefined && <span className="wrap">: {data.reason}</span>}
      </p>
      {error !== null && <ProblemNote error={error} />}
      {data !== undefined && data.steps.length > 0 && (
        <ol className="operation-steps">
          {data.steps.map(({ eventType, rule, path, occurredAt }) => (
            <li key={`${occurredAt} ${eventType} ${rule}`}>
              <Clock time={occurredAt} /> <span className="mono">{eventType}</span> <span>{path}</span>
            </li>
          ))}
        </ol>
      )}
    </div>
  );
}
