import { useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { Page } from '../parts/page.js';
import { useSession } from '../session/session.js';
import { Filters } from './filter-bar.js';
import { LiveFeed } from './live-feed.js';
import { MomentBar } from './moment-bar.js';
import { NodeTable } from './node-table.js';
import { listKey } from './filters.js';
import { Totals } from './totals.js';
import { useList } from './use-list.js';

/** The fleet: in numbers, as a list, and what happens to it; now, or as it was. */
export function FleetPage(): ReactNode {
  const { mayOperate } = useSession();
  const [list, go] = useList();
  const [isLookingBack, setLookingBack] = useState(list.asOf !== null);
  const isPast = list.asOf !== null;
  return (
    <Page
      title="Fleet"
      actions={
        <>
          <button
            type="button"
            aria-expanded={isLookingBack || isPast}
            aria-controls="moment"
            onClick={() => {
              if (isPast) go({ ...list, asOf: null });
              setLookingBack(!(isLookingBack || isPast));
            }}
          >
            {isLookingBack || isPast ? 'Close the time slider' : 'Look back'}
          </button>
          {mayOperate && (
            <Link className="button primary" href="/register">
              Register a node
            </Link>
          )}
        </>
      }
    >
      <div id="moment">{(isLookingBack || isPast) && <MomentBar list={list} go={go} />}</div>
      <Totals list={list} go={go} />
      <div className={isPast ? 'fleet is-past' : 'fleet'}>
        <div className="fleet-list">
          <Filters list={list} go={go} />
          <NodeTable key={listKey(list)} list={list} go={go} />
        </div>
        {!isPast && <LiveFeed />}
      </div>
    </Page>
  );
}
