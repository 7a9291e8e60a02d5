import { useEffect, useState, type ReactNode } from 'react';

const SHOWN_MS = 1500;

/** An id or another long text: cut where there is no room, whole in its title, and to be copied. */
export function Copyable({ text, what }: { readonly text: string; readonly what: string }): ReactNode {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return undefined;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return (
    <span className="copyable">
      <span className="copyable-text mono" title={text}>
        {text}
      </span>
      <button
        type="button"
        className="icon-button"
        aria-label={`Copy ${what}`}
        title={`Copy ${what}`}
        onClick={() => {
          navigator.clipboard.writeText(text).then(
            () => setCopied(true),
            () => setCopied(false),
          );
        }}
      >
        <CopyIcon isDone={isCopied} />
      </button>
      <span className="hidden" role="status">
        {isCopied ? `${what} copied` : ''}
      </span>
    </span>
  );
}

function CopyIcon({ isDone }: { readonly isDone: boolean }): ReactNode {
  return (
    <svg viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" aria-hidden="true">
      {isDone ? (
        <path d="M3 8.5l3.5 3.5L13 4.5" />
      ) : (
        <path d="M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z" strokeLinejoin="round" />
      )}
    </svg>
  );
}
