import { useVirtualizer } from '@tanstack/react-virtual';
import { useEffect, useRef, useState, type KeyboardEvent, type ReactNode } from 'react';
import { useLocation } from 'wouter';
import type { ListOf } from '../api/fleet-model.js';
import { ProblemNote } from '../parts/problem-note.js';
import { useNow } from '../parts/time.js';
import { counted, whole } from '../words/numbers.js';
import { nodePath } from '../words/paths.js';
import { NodeRow, PlaceholderRow } from './node-row.js';
import { NoNodes } from './no-nodes.js';
import { rowAfter } from './row-after.js';
import { useWindow } from './use-window.js';

type Props = { readonly list: ListOf; readonly go: (next: ListOf) => void };

const ROW_PX = 40;
const HEAD_PX = 34;
const OVERSCAN = 12;
const COLUMNS = ['State', 'Node', 'Type', 'Version', 'Capabilities', 'Last heartbeat', 'Changed'] as const;

/**
 * The list of nodes, however long: only the rows on screen are in the page, and only the pages around them in memory. A grid with
 * one stop for the tabulator: arrows, Page Up and Down, Home and End move within it, Enter opens the node.
 */
export function NodeTable({ list, go }: Props): ReactNode {
  const { window: rows, state, total, problem, retry } = useWindow(list);
  const [, navigate] = useLocation();
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState(0);
  const now = useNow();
  const virtual = useVirtualizer({
    count: state.rowCount,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    overscan: OVERSCAN,
    // The head stays in sight above the rows.
    scrollMargin: HEAD_PX,
    scrollPaddingStart: HEAD_PX,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => rows.show(first, last), [rows, first, last, state.rowCount]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const node = rows.row(active);
    if (event.key === 'Enter' && node !== undefined) return navigate(nodePath(node.nodeId));
    const page = Math.max(1, Math.floor((scroller.current?.clientHeight ?? 0) / ROW_PX) - 2);
    const next = rowAfter(event.key, active, { count: state.rowCount, page });
    if (next === null) return;
    event.preventDefault();
    setActive(next);
    virtual.scrollToIndex(next);
  };

  if (state.isRead && state.rowCount === 0) return <NoNodes list={list} go={go} />;
  return (
    <>
      {problem !== null && problem !== undefined && <ProblemNote error={problem} onRetry={retry} />}
      <p className="list-count" role="status">
        <span data-total="list">{total === null ? '–' : whole(total)}</span> {total === 1 ? 'node' : 'nodes'}
        <span className="list-hint"> · arrows move, Enter opens</span>
      </p>
      <div
        className="grid"
        role="grid"
        aria-label={total === null ? 'Nodes' : counted(total, 'node')}
        aria-rowcount={total === null ? -1 : total + 1}
        aria-colcount={COLUMNS.length}
        aria-activedescendant={items.some(({ index }) => index === active) ? `row-${active}` : undefined}
        tabIndex={0}
        ref={scroller}
        onKeyDown={onKeyDown}
      >
        <div className="grid-row grid-head" role="row" aria-rowindex={1}>
          {COLUMNS.map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
        </div>
        <div className="grid-body" role="rowgroup" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const node = rows.row(index);
            const place = { index, start: start - HEAD_PX, isActive: index === active };
            return node === undefined ? (
              <PlaceholderRow key={index} {...place} />
            ) : (
              <NodeRow
                key={index}
                {...place}
                node={node}
                now={now}
                href={nodePath(node.nodeId)}
                onPoint={() => setActive(index)}
              />
            );
          })}
        </div>
      </div>
    </>
  );
}
