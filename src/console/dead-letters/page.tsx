import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { readLetters } from '../api/dead-letters.js';
import { CAUSES, type LetterFilter } from '../api/letter-model.js';
import { Choice } from '../parts/choice.js';
import { DebouncedText } from '../parts/debounced-text.js';
import { Empty } from '../parts/empty.js';
import { Loading } from '../parts/loading.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { useSession } from '../session/session.js';
import { Letters } from './letters.js';
import { RedriveDialog } from './redrive-dialog.js';

const READ_EVERY_MS = 10_000;
const CAUSE_OPTIONS = CAUSES.map((cause) => [cause, cause.replaceAll('_', ' ')] as const);
const SENT_OPTIONS = [['never', 'not sent again yet']] as const;
const QUARANTINE_OPTIONS = [
  ['true', 'in quarantine'],
  ['false', 'not in quarantine'],
] as const;

/** Messages that could not be handled, and the way to send them again. */
export function DeadLettersPage(): ReactNode {
  const { mayOperate } = useSession();
  const [filter, setFilter] = useState<LetterFilter>({});
  const [isRedriving, setRedriving] = useState(false);
  const { data, error, refetch, fetchNextPage, hasNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: ['letters', filter],
    queryFn: ({ pageParam, signal }) => readLetters(filter, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
    placeholderData: keepPreviousData,
    refetchInterval: READ_EVERY_MS,
  });
  const items = data?.pages.flatMap((page) => page.items) ?? [];
  const narrow = <N extends keyof LetterFilter>(name: N, value: LetterFilter[N] | null): void => {
    const { [name]: _before, ...others } = filter;
    setFilter(value === null || value === '' ? others : { ...filter, [name]: value });
  };
  return (
    <Page
      title="Dead letters"
      about="Messages that could not be handled are kept until somebody looks. Nothing is removed by sending them again."
      actions={
        mayOperate && (
          <button type="button" className="primary" disabled={items.length === 0} onClick={() => setRedriving(true)}>
            Send again by filter…
          </button>
        )
      }
    >
      <Panel title="Letters">
        <form className="filters" role="search" aria-label="Dead letters" onSubmit={(event) => event.preventDefault()}>
          <Choice
            label="Cause"
            any="Any cause"
            value={filter.cause ?? null}
            options={CAUSE_OPTIONS}
            onChange={(cause) => narrow('cause', cause)}
          />
          <DebouncedText
            label="Node"
            placeholder="Whole id"
            value={filter.nodeId ?? ''}
            onChange={(nodeId) => narrow('nodeId', nodeId.trim())}
          />
          <DebouncedText
            label="Reason"
            placeholder="Part of it"
            value={filter.reasonContains ?? ''}
            onChange={(reason) => narrow('reasonContains', reason.trim())}
          />
          <Choice
            label="Sent again"
            any="Whether or not"
            value={filter.redriven ?? null}
            options={SENT_OPTIONS}
            onChange={(redriven) => narrow('redriven', redriven)}
          />
          <Choice
            label="Quarantine"
            any="Whether or not"
            value={filter.quarantined === undefined ? null : filter.quarantined ? 'true' : 'false'}
            options={QUARANTINE_OPTIONS}
            onChange={(value) => narrow('quarantined', value === null ? null : value === 'true')}
          />
        </form>
        {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
        {data === undefined && error === null && <Loading lines={5} />}
        {data !== undefined && items.length === 0 && (
          <Empty
            title={Object.keys(filter).length === 0 ? 'There are no dead letters' : 'No letter passes these filters'}
          >
            {Object.keys(filter).length === 0 && 'Every message that came could be handled.'}
          </Empty>
        )}
        <Letters items={items} />
        {hasNextPage && (
          <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
            {isFetchingNextPage ? 'Reading…' : 'More letters'}
          </button>
        )}
      </Panel>
      {isRedriving && <RedriveDialog filter={filter} onClose={() => setRedriving(false)} />}
    </Page>
  );
}
