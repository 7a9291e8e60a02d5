import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import type { NodeStep } from '../../api-answers/answers.js';
import { readSteps } from '../api/node.js';
import { Loading } from '../parts/loading.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { Segments } from '../parts/segments.js';
import { stepAnchor } from './links.js';
import { TimelineStep } from './timeline-step.js';

const SHOWN = [
  ['all', 'All steps'],
  ['orchestrator', 'Workflow'],
  ['reducer', 'Backends'],
] as const;
type Shown = (typeof SHOWN)[number][0];

/** Every step that both machines took for the node, the newest first; each opens to what it took and what it published. */
export function Timeline({ nodeId }: { readonly nodeId: string }): ReactNode {
  const [shown, setShown] = useState<Shown>('all');
  const [opened, open] = useOpenSteps();
  const { data, error, fetchNextPage, hasNextPage, isFetchingNextPage, refetch } = useInfiniteQuery({
    queryKey: ['node', nodeId, 'steps'],
    queryFn: ({ pageParam, signal }) => readSteps(nodeId, pageParam, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });
  const steps: readonly NodeStep[] = data?.pages.flatMap(({ items }) => items) ?? [];
  const visible = steps.filter(({ machine }) => shown === 'all' || machine === shown);
  return (
    <Panel title="Timeline" aside={<Segments label="Steps of" options={SHOWN} value={shown} onChange={setShown} />}>
      {error !== null && <ProblemNote error={error} onRetry={() => void refetch()} />}
      {data === undefined && error === null && <Loading lines={8} />}
      <ol className="timeline" aria-label="Steps, the newest first">
        {visible.map((step) => {
          const anchor = stepAnchor(step.machine, step.eventId);
          return (
            <TimelineStep
              key={anchor}
              step={step}
              all={steps}
              isOpen={opened.has(anchor)}
              onOpen={(isOpen) => open(anchor, isOpen)}
              onGo={(to) => {
                setShown('all');
                open(stepAnchor(to.machine, to.eventId), true, { isGoing: true });
              }}
            />
          );
        })}
      </ol>
      {hasNextPage && (
        <button type="button" disabled={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {isFetchingNextPage ? 'Reading…' : 'Earlier steps'}
        </button>
      )}
    </Panel>
  );
}

/** Which steps are open. One that is gone to is brought into view, with the focus on it. */
function useOpenSteps() {
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set());
  const [target, setTarget] = useState<string | null>(null);
  useEffect(() => {
    if (target === null) return;
    const item = document.getElementById(target);
    item?.scrollIntoView({ block: 'center' });
    item?.querySelector('summary')?.focus({ preventScroll: true });
    setTarget(null);
  }, [target]);
  const open = (anchor: string, isOpen: boolean, { isGoing = false } = {}): void => {
    setOpened((known) => {
      const next = new Set(known);
      if (isOpen) next.add(anchor);
      else next.delete(anchor);
      return next;
    });
    if (isGoing) setTarget(anchor);
  };
  return [opened, open] as const;
}
