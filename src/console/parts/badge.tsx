import type { ReactNode } from 'react';
import { stateText, type Tone } from '../words/states.js';

export function Badge({
  tone,
  title,
  children,
}: {
  readonly tone: Tone;
  readonly title?: string;
  readonly children: ReactNode;
}) {
  return (
    <span className={`badge ${tone}`} title={title}>
      <span className="dot" aria-hidden="true" />
      {children}
    </span>
  );
}

/** A node's state: a colour, and always the word for it. */
export function StateBadge({ state }: { readonly state: string }): ReactNode {
  const { label, tone, about } = stateText(state);
  return (
    <Badge tone={tone} title={`${state}: ${about}`}>
      {label}
    </Badge>
  );
}
