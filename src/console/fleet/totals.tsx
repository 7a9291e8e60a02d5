import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import type { NodeState } from '../../api-answers/answers.js';
import { NODE_STATES, type ListOf, type NodeType } from '../api/fleet-model.js';
import { readStats, type Stats } from '../api/stats.js';
import { ProblemNote } from '../parts/problem-note.js';
import { share, whole } from '../words/numbers.js';
import { STATE_TEXTS } from '../words/states.js';

type Props = { readonly list: ListOf; readonly go: (next: ListOf) => void };

/** The whole fleet in numbers; each of them is a filter. */
export function Totals({ list, go }: Props): ReactNode {
  const { asOf, filter } = list;
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: asOf === null ? ['fleet', 'stats'] : ['past', 'stats', asOf],
    queryFn: ({ signal }) => readStats(asOf, signal),
    placeholderData: keepPreviousData,
    ...(asOf === null ? {} : { staleTime: Infinity }),
  });
  const { state: _state, ...withoutState } = filter;
  const { nodeType: _nodeType, ...withoutType } = filter;
  const chooseState = (state: NodeState): void =>
    go({ asOf, filter: filter.state === state ? withoutState : { ...filter, state } });
  const chooseType = (nodeType: NodeType): void =>
    go({ asOf, filter: filter.nodeType === nodeType ? withoutType : { ...filter, nodeType } });
  return (
    <section className={isPlaceholderData ? 'totals is-old' : 'totals'} aria-label="The fleet in numbers">
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      <div className="total">
        <span className="total-number" data-total="all">
          {data === undefined ? '–' : whole(data.total)}
        </span>
        <span className="total-name">{asOf === null ? 'nodes known' : 'nodes known then'}</span>
        {data?.degraded !== null && data?.degraded !== undefined && data.degraded > 0 && (
          <span className="total-note" data-total="degraded">
            {whole(data.degraded)} degraded
          </span>
        )}
      </div>
      <States stats={data} chosen={filter.state} onChoose={chooseState} />
      <Types stats={data} chosen={filter.nodeType} onChoose={chooseType} />
    </section>
  );
}

type Chosen<T> = {
  readonly stats: Stats | undefined;
  readonly chosen: T | undefined;
  readonly onChoose: (of: T) => void;
};

/** States that a node is in for long are always there, so that the numbers keep their places; others while a node is in them. */
const LASTING: readonly NodeState[] = ['active', 'rejected', 'ack_timed_out', 'liveness_expired', 'deregistered'];

function States({ stats, chosen, onChoose }: Chosen<NodeState>): ReactNode {
  const count = (state: NodeState): number => stats?.byState.get(state) ?? 0;
  const shown = NODE_STATES.filter((state) => LASTING.includes(state) || count(state) > 0 || state === chosen);
  return (
    <div className="tiles" role="group" aria-label="By state">
      {shown.map((state) => (
        <button
          key={state}
          type="button"
          className={`tile ${STATE_TEXTS[state].tone}`}
          aria-pressed={chosen === state}
          title={`${state}: ${STATE_TEXTS[state].about}`}
          onClick={() => onChoose(state)}
        >
          <span className="tile-number" data-state={state}>
            {stats === undefined ? '–' : whole(count(state))}
          </span>
          <span className="tile-name">
            <span className="dot" aria-hidden="true" />
            {STATE_TEXTS[state].label}
          </span>
        </button>
      ))}
    </div>
  );
}

function Types({ stats, chosen, onChoose }: Chosen<NodeType>): ReactNode {
  const types = [...(stats?.byType ?? [])].filter(([type, count]) => type !== null || count > 0);
  return (
    <div className="types" role="group" aria-label="By type">
      {types.map(([type, count]) => {
        const text = (
          <>
            <span className="type-name">{type ?? 'no known type'}</span>
            <span className="type-number" data-type={type ?? 'none'}>
              {whole(count)}
            </span>
            <span className="type-share" title={share(count, stats?.total ?? 0)} aria-hidden="true">
              <span style={{ inlineSize: `${(100 * count) / Math.max(1, stats?.total ?? 1)}%` }} />
            </span>
          </>
        );
        return type === null ? (
          <span key="none" className="type">
            {text}
          </span>
        ) : (
          <button
            key={type}
            type="button"
            className="type"
            aria-pressed={chosen === type}
            onClick={() => onChoose(type)}
          >
            {text}
          </button>
        );
      })}
    </div>
  );
}
