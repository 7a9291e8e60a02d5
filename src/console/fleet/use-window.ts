import { useQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState, useSyncExternalStore } from 'react';
import type { ListOf } from '../api/fleet-model.js';
import { countNodes, readNodes } from '../api/nodes.js';
import { listKey } from './filters.js';
import { NodeWindow, type WindowState } from './node-window.js';

/** Heartbeats are no events: without these rounds the times of the last ones would stand still. */
const BEAT_MS = 15_000;

export type ListWindow = {
  readonly window: NodeWindow;
  readonly state: WindowState;
  /** Nodes of the list, on all pages; null while it is not known. */
  readonly total: number | null;
  readonly problem: unknown;
  readonly retry: () => void;
};

/** The window onto one list, for as long as the component lives: another list needs another `key`. */
export function useWindow(list: ListOf): ListWindow {
  const [window] = useState(() => new NodeWindow((after, signal) => readNodes(list, after, signal)));
  const state = useSyncExternalStore(window.subscribe, () => window.state);
  useEffect(() => () => window.close(), [window]);

  const isPast = list.asOf !== null;
  const count = useQuery({
    queryKey: [isPast ? 'past' : 'fleet', 'count', listKey(list)],
    queryFn: ({ signal }) => countNodes(list, signal),
    ...(isPast ? { staleTime: Infinity } : { refetchInterval: BEAT_MS }),
  });
  // Whatever has the list counted again has its rows read again.
  const { dataUpdatedAt, refetch } = count;
  const counted = useRef(0);
  useEffect(() => {
    // With the first count the rows are under way already, but for those that were refused before somebody signed in.
    const isFirst = counted.current === 0 && window.state.problem === null;
    if (!isFirst && counted.current !== dataUpdatedAt) window.refresh();
    counted.current = dataUpdatedAt;
  }, [window, dataUpdatedAt]);

  const retry = (): void => {
    window.refresh();
    void refetch();
  };
  return { window, state, total: count.data ?? null, problem: state.problem ?? count.error, retry };
}
