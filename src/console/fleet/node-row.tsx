import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ListedNode } from '../api/fleet-model.js';
import { StateBadge } from '../parts/badge.js';
import { Ago } from '../parts/time.js';

type Place = {
  readonly index: number;
  /** From the top of the list, in pixels. */
  readonly start: number;
  readonly isActive: boolean;
};

type Props = Place & {
  readonly node: ListedNode;
  readonly now: number;
  readonly href: string;
  readonly onPoint: () => void;
};

const MAX_TAGS = 2;

export function NodeRow({ index, start, isActive, node, now, href, onPoint }: Props): ReactNode {
  const tags = Object.keys(node.capabilities);
  const more = tags.length - MAX_TAGS;
  return (
    <div {...rowAt({ index, start, isActive })} data-node={node.nodeId} onPointerDown={onPoint}>
      <span role="gridcell" className="cell-state">
        <StateBadge state={node.state} />
        {node.degraded && (
          <span className="degraded" title="Accepted with one backend still pending">
            degraded
          </span>
        )}
      </span>
      <span role="gridcell" className="cell-id">
        <Link href={href} tabIndex={-1} className="mono cut" title={node.nodeId}>
          {node.nodeId}
        </Link>
      </span>
      <span role="gridcell" className="cell-type cut" title={node.nodeType ?? ''}>
        {node.nodeType ?? '–'}
      </span>
      <span role="gridcell" className="cell-version mono cut" title={node.nodeVersion}>
        {node.nodeVersion}
      </span>
      <span role="gridcell" className="cell-tags" title={tags.join(', ')}>
        {tags.slice(0, MAX_TAGS).map((tag) => (
          <span key={tag} className="tag cut">
            {tag}
          </span>
        ))}
        {more > 0 && <span className="more">+{more}</span>}
      </span>
      <span role="gridcell" className="cell-beat">
        {node.lastHeartbeatAt === null ? '–' : <Ago time={node.lastHeartbeatAt} now={now} />}
      </span>
      <span role="gridcell" className="cell-changed">
        <Ago time={node.updatedAt} now={now} />
      </span>
    </div>
  );
}

/** Holds the place of a row that is being read. */
export function PlaceholderRow(place: Place): ReactNode {
  return (
    <div {...rowAt(place)} aria-busy="true">
      <span role="gridcell">
        <span className="skeleton" />
      </span>
      <span role="gridcell">
        <span className="skeleton" />
      </span>
    </div>
  );
}

/** Row 1 is the head. */
function rowAt({ index, start, isActive }: Place) {
  return {
    id: `row-${index}`,
    role: 'row',
    'aria-rowindex': index + 2,
    className: isActive ? 'grid-row is-active' : 'grid-row',
    style: { transform: `translateY(${start}px)` },
  } as const;
}
