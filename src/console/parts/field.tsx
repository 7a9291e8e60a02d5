import type { ReactNode } from 'react';

type Props = {
  /** Of the control inside. */
  readonly id: string;
  readonly label: string;
  readonly hint?: ReactNode;
  /** What is wrong with it. */
  readonly error?: string | undefined;
  readonly children: ReactNode;
};

/** The ids that a control names in `aria-describedby`. */
export function describedBy(id: string, error: string | undefined): string {
  return error === undefined ? `${id}-hint` : `${id}-error ${id}-hint`;
}

/** A control with its label, what it takes, and what is wrong with it. */
export function Field({ id, label, hint, error, children }: Props): ReactNode {
  return (
    <div className={error === undefined ? 'field' : 'field is-wrong'}>
      <label htmlFor={id}>{label}</label>
      {children}
      {error !== undefined && (
        <p className="field-error" id={`${id}-error`}>
          {error}
        </p>
      )}
      {hint !== undefined && (
        <div className="field-hint" id={`${id}-hint`}>
          {hint}
        </div>
      )}
    </div>
  );
}
