import { useId, useState, type ReactNode } from 'react';
import { Dialog } from './dialog.js';
import { Field } from './field.js';
import { ProblemNote } from './problem-note.js';

type Props = {
  readonly title: string;
  readonly children: ReactNode;
  /** What the button does, in a word or two. */
  readonly action: string;
  readonly isDangerous?: boolean;
  /** A text that has to be typed first: for what cannot be taken back. */
  readonly typed?: string;
  readonly isBusy: boolean;
  readonly error: unknown;
  readonly onConfirm: () => void;
  readonly onClose: () => void;
};

/** Asks once more. */
export function Confirm({
  title,
  children,
  action,
  isDangerous = false,
  typed,
  isBusy,
  error,
  onConfirm,
  onClose,
}: Props) {
  const id = useId();
  const [text, setText] = useState('');
  const isAllowed = typed === undefined || text.trim() === typed;
  return (
    <Dialog title={title} onClose={onClose}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isAllowed && !isBusy) onConfirm();
        }}
      >
        {children}
        {typed !== undefined && (
          <Field id={id} label="Type its id to confirm" hint={<span className="id-hint">{typed}</span>}>
            <input
              id={id}
              className="mono"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
            />
          </Field>
        )}
        {error !== null && error !== undefined && <ProblemNote error={error} />}
        <div className="dialog-actions">
          <button type="button" onClick={onClose}>
            Cancel
          </button>
          <button className={isDangerous ? 'danger' : 'primary'} type="submit" disabled={!isAllowed || isBusy}>
            {isBusy ? 'Working…' : action}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
