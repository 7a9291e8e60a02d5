import { useId, useLayoutEffect, useRef, type ReactNode } from 'react';

type Props = {
  readonly title: string;
  /** Null: it cannot be closed by the person. */
  readonly onClose: (() => void) | null;
  readonly children: ReactNode;
};

/** A modal dialog. The browser keeps the focus in it, and gives it back. */
export function Dialog({ title, onClose, children }: Props): ReactNode {
  const titleId = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  // Closed while it is still in the page: only then does the browser give the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current;
    shown?.showModal();
    return () => shown?.close();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
    >
      <h2 id={titleId}>{title}</h2>
      {children}
    </dialog>
  );
}
