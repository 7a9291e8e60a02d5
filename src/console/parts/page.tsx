import { useEffect, type ReactNode } from 'react';

type Props = {
  readonly title: string;
  /** In place of the title's text, where it is more than a text. */
  readonly heading?: ReactNode;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
};

/** A page: its title, in the tab of the browser too, and what one can do with all of it. */
export function Page({ title, heading, about, actions, children }: Props): ReactNode {
  useEffect(() => {
    document.title = `${title} · Rollcall`;
  }, [title]);
  return (
    <div className="page">
      <header className="page-head">
        <div className="page-title">
          <h1>{heading ?? title}</h1>
          {about !== undefined && <div className="page-about">{about}</div>}
        </div>
        {actions !== undefined && <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
