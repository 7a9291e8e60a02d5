import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useLive } from '../live/live.js';
import { Panel } from '../parts/panel.js';
import { Clock } from '../parts/time.js';
import { counted } from '../words/numbers.js';
import { eventWords } from '../words/events.js';
import { nodePath } from '../words/paths.js';

const SHOWN = 40;

/** What has just happened to the fleet, the newest first. */
export function LiveFeed(): ReactNode {
  const { events, following, heard } = useLive();
  return (
    <Panel className="feed" title="Changes" aside={following === 'live' ? counted(heard, 'event') : undefined}>
      {events.length === 0 ? (
        <p className="nothing">Nothing has happened since this page was opened.</p>
      ) : (
        <ol className="feed-list" tabIndex={0} aria-label="Changes, the newest first">
          {events.slice(0, SHOWN).map(({ eventId, eventType, nodeId, at }) => {
            const { text, tone } = eventWords(eventType);
            return (
              <li key={eventId}>
                <span className={`feed-what ${tone}`} title={eventType}>
                  <span className="dot" aria-hidden="true" />
                  {text}
                </span>
                <Clock time={at} />
                <Link className="mono cut" href={nodePath(nodeId)} title={nodeId}>
                  {nodeId}
                </Link>
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}
