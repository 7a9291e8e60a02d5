import type { ReactNode } from 'react';
import { asProblem } from '../api/problem.js';
import { useSession } from '../session/session.js';

type Props = { readonly error: unknown; readonly onRetry?: (() => void) | undefined };

/** What went wrong, and what can be done about it. */
export function ProblemNote({ error, onRetry }: Props): ReactNode {
  const { person } = useSession();
  const { title, detail, errors = [], status } = asProblem(error);
  return (
    <div className="note bad" role="alert">
      <p>
        <strong>{title}.</strong> {detail}
      </p>
      {status === 403 && (
        <p>
          You are here as <strong>{person.role}</strong>. Sign in with a token of the role that is needed.
        </p>
      )}
      {errors.length > 0 && (
        <ul>
          {errors.map(({ in: part, field, message }) => (
            <li key={`${part} ${field} ${message}`}>
              <code>{field}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {onRetry !== undefined && (
        <button type="button" onClick={onRetry}>
          Try again
        </button>
      )}
    </div>
  );
}
