import type { ReactNode } from 'react';

/** Where there is nothing to show: why, and what one can do. */
export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }): ReactNode {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children !== undefined && <div>{children}</div>}
    </div>
  );
}
