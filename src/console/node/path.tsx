import { Fragment, type ReactNode } from 'react';
import { StateBadge } from '../parts/badge.js';
import { pathStates } from '../words/states.js';

/** States that a step went through. Those of the backends' machine are no states of a node. */
export function Path({ path, isWorkflow }: { readonly path: string; readonly isWorkflow: boolean }): ReactNode {
  return (
    <span className="path">
      {pathStates(path).map((state, place) => (
        <Fragment key={`${place} ${state}`}>
          {place > 0 && <span aria-label="then">→</span>}
          {isWorkflow && state !== 'none' ? <StateBadge state={state} /> : <span className="plain-state">{state}</span>}
        </Fragment>
      ))}
    </span>
  );
}
