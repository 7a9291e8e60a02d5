import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Link, useSearch } from 'wouter';
import { explainNode, readNode } from '../api/node.js';
import { ApiProblem } from '../api/problem.js';
import { StateBadge } from '../parts/badge.js';
import { Copyable } from '../parts/copyable.js';
import { Empty } from '../parts/empty.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { At } from '../parts/time.js';
import { momentOf } from '../words/time.js';
import { NodeActions } from './actions.js';
import { BackendsPanel } from './backends.js';
import { NodeDrift } from './drift.js';
import { Reasons } from './reasons.js';
import { RecordPanel } from './record.js';
import { Timeline } from './timeline.js';

/** Of what is shown of one node; heartbeats are no events. */
const BEAT_MS = 10_000;

/** A node: what it is, why it is in its state, and every step that led there. */
export function NodePage({ nodeId }: { readonly nodeId: string }): ReactNode {
  const asOf = momentOf(new URLSearchParams(useSearch()).get('asOf'));
  const node = useQuery({
    queryKey: ['node', nodeId, 'record', asOf],
    queryFn: ({ signal }) => readNode(nodeId, asOf, signal),
    ...(asOf === null ? { refetchInterval: BEAT_MS } : {}),
  });
  const explanation = useQuery({
    queryKey: ['node', nodeId, 'explain', asOf],
    queryFn: ({ signal }) => explainNode(nodeId, asOf, signal),
  });
  const heading = (
    <span className="node-heading">
      <Copyable text={nodeId} what="the id" />
    </span>
  );
  if (node.error instanceof ApiProblem && node.error.status === 404) {
    return (
      <Page title={nodeId} heading={heading}>
        <Empty title={asOf === null ? 'No node of this id has ever announced itself here' : 'It was not known then'}>
          <Link href="/">To the fleet</Link>
        </Empty>
      </Page>
    );
  }
  return (
    <Page
      title={nodeId}
      heading={heading}
      about={
        node.data !== undefined && (
          <>
            <StateBadge state={node.data.state} />
            {node.data.degraded && <span className="degraded">degraded: one backend is still pending</span>}
            <span>{node.data.nodeType ?? 'no type'}</span>
            <span className="mono">{node.data.nodeVersion}</span>
          </>
        )
      }
      actions={node.data !== undefined && asOf === null && <NodeActions node={node.data} />}
    >
      {asOf !== null && (
        <p className="moment is-past" role="status">
          <strong>The past:</strong> this node as it was on <At time={asOf} />.{' '}
          <Link href={`/nodes/${nodeId}`}>Now</Link>
        </p>
      )}
      {node.error !== null && <ProblemNote error={node.error} onRetry={() => void node.refetch()} />}
      <div className="columns">
        <Panel title="Why it is in this state">
          {explanation.error !== null && <ProblemNote error={explanation.error} />}
          {explanation.data === undefined ? <Loading lines={5} /> : <Reasons explanation={explanation.data} />}
        </Panel>
        <Panel title="Record">
          {node.data === undefined ? <Loading lines={8} /> : <RecordPanel node={node.data} />}
        </Panel>
      </div>
      {asOf === null && (
        <>
          <BackendsPanel nodeId={nodeId} />
          <NodeDrift nodeId={nodeId} />
          <Timeline nodeId={nodeId} />
        </>
      )}
    </Page>
  );
}
