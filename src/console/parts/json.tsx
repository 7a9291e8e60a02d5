import type { ReactNode } from 'react';
import { pretty } from '../words/json.js';

/** JSON, or a text as it is; long ones scroll, by the keyboard too. */
export function Json({ value, label }: { readonly value: unknown; readonly label: string }): ReactNode {
  return (
    <pre className="json" tabIndex={0} role="region" aria-label={label}>
      {typeof value === 'string' ? value : pretty(value)}
    </pre>
  );
}
