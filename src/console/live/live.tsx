import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { send } from '../api/call.js';
import { isTokenWanted, onTokenChange, token } from '../session/token.js';
import { Batches, type Batch } from './batches.js';
import { eventOf, type FleetEvent } from './events.js';
import { follow, type Following } from './follow.js';
import { Refresh } from './refresh.js';

/** What the page knows of the present: how it hears of it, and the newest events. */
export type Live = {
  readonly following: Following;
  readonly events: readonly FleetEvent[];
  /** Since the page was opened. */
  readonly heard: number;
};

const LiveContext = createContext<Live>({ following: 'connecting', events: [], heard: 0 });

export function useLive(): Live {
  return use(LiveContext);
}

const BATCH_MS = 400;
const REFRESH_MS = 2000;
const SHOWN_EVENTS = 100;

const later = (run: () => void, ms: number): (() => void) => {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
};

/** Follows the events of the fleet, and has what is shown read again when something happened. */
export function LiveProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const client = useQueryClient();
  const used = useSyncExternalStore(onTokenChange, token);
  const isWanted = useSyncExternalStore(onTokenChange, isTokenWanted);
  const [live, setLive] = useState<Live>({ following: 'connecting', events: [], heard: 0 });

  useEffect(() => {
    // Without a token there is nothing to hear.
    if (isWanted) return undefined;
    const stop = new AbortController();
    const refresh = new Refresh(() => void client.invalidateQueries({ predicate: isOfFleet }), REFRESH_MS, later);
    const batches = new Batches((batch) => {
      setLive((known) => withBatch(known, batch));
      refreshNodes(client, batch.nodeIds);
      refresh.want();
    }, BATCH_MS);
    const surroundings = {
      open: (lastEventId: string | null, signal: AbortSignal) => {
        const place = lastEventId === null ? {} : { 'last-event-id': lastEventId };
        return send('/v1/events', { headers: { accept: 'text/event-stream', ...place }, signal });
      },
      onFrame: (frame: Parameters<typeof eventOf>[0]) => {
        const event = eventOf(frame);
        if (event !== null) batches.add(event);
      },
      onChange: (following: Following) => {
        setLive((known) => ({ ...known, following }));
        if (following !== 'live') return;
        // What happened while nobody listened.
        refresh.want();
        refreshNodes(client, null);
      },
      pause,
      random: Math.random,
    };
    void follow(surroundings, stop.signal);
    return () => {
      stop.abort();
      batches.close();
      refresh.close();
    };
  }, [client, used, isWanted]);

  return <LiveContext value={live}>{children}</LiveContext>;
}

type Keyed = { readonly queryKey: readonly unknown[] };

/** Lists and numbers of the whole fleet, as it is now. */
function isOfFleet({ queryKey: [subject] }: Keyed): boolean {
  return subject === 'fleet';
}

/** Null: all of them. */
function refreshNodes(client: QueryClient, nodeIds: Batch['nodeIds']): void {
  void client.invalidateQueries({
    predicate: ({ queryKey: [subject, nodeId] }: Keyed) =>
      subject === 'node' && (nodeIds === null || nodeIds.has(String(nodeId))),
  });
}

function withBatch(live: Live, { count, newest }: Batch): Live {
  return { ...live, events: [...newest, ...live.events].slice(0, SHOWN_EVENTS), heard: live.heard + count };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(new Error('no longer wanted'));
    });
  });
}
