import { useCallback, useMemo } from 'react';
import { useLocation, useSearch } from 'wouter';
import type { ListOf } from '../api/fleet-model.js';
import { listFromSearch, searchFromList } from './filters.js';

/** The list that the URL names, and how to go to another: the history of the browser has the moments and filters of before. */
export function useList(): readonly [ListOf, (next: ListOf, how?: { readonly replace?: boolean }) => void] {
  const search = useSearch();
  const [, navigate] = useLocation();
  const list = useMemo(() => listFromSearch(search), [search]);
  const go = useCallback(
    (next: ListOf, { replace = false } = {}) => {
      const text = searchFromList(next);
      navigate(text === '' ? '/' : `/?${text}`, { replace });
    },
    [navigate],
  );
  return [list, go];
}
