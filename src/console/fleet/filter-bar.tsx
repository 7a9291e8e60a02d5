import type { ReactNode } from 'react';
import { NODE_STATES, NODE_TYPES, type ListOf, type NodeFilter } from '../api/fleet-model.js';
import { Choice } from '../parts/choice.js';
import { DebouncedText } from '../parts/debounced-text.js';
import { STATE_TEXTS } from '../words/states.js';
import { isFiltered } from './filters.js';

type Props = {
  readonly list: ListOf;
  readonly go: (next: ListOf, how?: { readonly replace?: boolean }) => void;
};

const STATES = NODE_STATES.map((state) => [state, STATE_TEXTS[state].label] as const);
const TYPES = NODE_TYPES.map((type) => [type, type] as const);

/** What the list is narrowed to. */
export function Filters({ list, go }: Props): ReactNode {
  const { filter, asOf } = list;
  /** A value that is empty or null takes the filter away. Typing leaves no trail in the history. */
  const narrow = (name: keyof NodeFilter, value: string | null, replace: boolean): void => {
    const { [name]: _before, ...others } = filter;
    const next = value === null || value.trim() === '' ? others : { ...others, [name]: value.trim() };
    go({ filter: next, asOf }, { replace });
  };
  return (
    <form className="filters" role="search" aria-label="Nodes" onSubmit={(event) => event.preventDefault()}>
      <DebouncedText
        label="Search"
        type="search"
        placeholder="Part of an id or capability"
        value={filter.q ?? ''}
        onChange={(q) => narrow('q', q, true)}
      />
      <Choice
        label="State"
        any="Any state"
        value={filter.state ?? null}
        options={STATES}
        onChange={(state) => narrow('state', state, false)}
      />
      <Choice
        label="Type"
        any="Any type"
        value={filter.nodeType ?? null}
        options={TYPES}
        onChange={(type) => narrow('nodeType', type, false)}
      />
      <DebouncedText
        label="Capability"
        placeholder="Exactly this tag"
        value={filter.capability ?? ''}
        onChange={(capability) => narrow('capability', capability, true)}
      />
      <button type="button" className="quiet" disabled={!isFiltered(list)} onClick={() => go({ filter: {}, asOf })}>
        Clear
      </button>
    </form>
  );
}
