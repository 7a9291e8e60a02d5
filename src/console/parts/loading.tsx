import type { ReactNode } from 'react';

/** Holds the place of what is being read, so that nothing jumps when it comes. */
export function Loading({ lines = 3 }: { readonly lines?: number }): ReactNode {
  return (
    <div className="loading" role="status">
      <span className="hidden">Loading</span>
      {Array.from({ length: lines }, (_, line) => (
        <span key={line} className="skeleton" aria-hidden="true" />
      ))}
    </div>
  );
}
