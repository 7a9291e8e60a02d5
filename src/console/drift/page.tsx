import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { BACKENDS, DRIFTS, type DriftFilter } from '../api/drift-model.js';
import { readDrift } from '../api/drift.js';
import { Choice } from '../parts/choice.js';
import { DebouncedText } from '../parts/debounced-text.js';
import { Empty } from '../parts/empty.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { useSession } from '../session/session.js';
import { BackendStatus } from './backend-status.js';
import { Findings } from './findings.js';
import { RepairDialog } from './repair-dialog.js';

const READ_EVERY_MS = 5000;
const BACKEND_OPTIONS = BACKENDS.map((name) => [name, name === 'consul' ? 'Consul' : 'PostgreSQL'] as const);
const KIND_OPTIONS = DRIFTS.map((name) => [name, name] as const);

/** Whether Consul and PostgreSQL hold what they are to hold, and what is done where they do not. */
export function DriftPage(): ReactNode {
  const { mayOperate } = useSession();
  const [filter, setFilter] = useState<DriftFilter>({});
  const [isRepairing, setRepairing] = useState(false);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['fleet', 'drift', filter],
    queryFn: ({ pageParam, signal }) => readDrift(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: READ_EVERY_MS,
  });
  const backends = data?.pages[0]?.backends ?? [];
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const narrow = (name: keyof DriftFilter, value: string | null): void => {
    const { [name]: _before, ...others } = filter;
    setFilter(value === null || value.trim() === '' ? others : { ...others, [name]: value.trim() });
  };
  return (
    <Page
      title="Drift"
      about="Both backends are compared with what is desired of them, again and again."
      actions={
        mayOperate && (
          <button type="button" className="primary" onClick={() => setRepairing(true)}>
            Audit and repair…
          </button>
        )
      }
    >
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading lines={6} />}
      {data !== undefined && backends.length === 0 && (
        <Empty title="No audit has come to its end yet">The first begins shortly after the registry has started.</Empty>
      )}
      <div className="columns">
        {backends.map((backend) => (
          <BackendStatus key={backend.backend} drift={backend} />
        ))}
      </div>
      <Panel title="Findings">
        <form className="filters" role="search" aria-label="Findings" onSubmit={(event) => event.preventDefault()}>
          <Choice
            label="Backend"
            any="Both"
            value={filter.backend ?? null}
            options={BACKEND_OPTIONS}
            onChange={(value) => narrow('backend', value)}
          />
          <Choice
            label="Kind"
            any="Any kind"
            value={filter.drift ?? null}
            options={KIND_OPTIONS}
            onChange={(value) => narrow('drift', value)}
          />
          <DebouncedText
            label="Node"
            placeholder="Whole id"
            value={filter.nodeId ?? ''}
            onChange={(value) => narrow('nodeId', value)}
          />
        </form>
        {data !== undefined && items.length === 0 ? (
          <Empty
            title={Object.keys(filter).length === 0 ? 'Everything is as desired' : 'Nothing of this kind was found'}
          />
        ) : (
          <Findings items={items} />
        )}
        {hasNextPage && (
          <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? 'Reading…' : 'More findings'}
          </button>
        )}
      </Panel>
      {isRepairing && <RepairDialog filter={filter} onClose={() => setRepairing(false)} />}
    </Page>
  );
}
