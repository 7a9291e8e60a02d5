import { Fragment, type ReactNode } from 'react';

/** Names and values, one below the other. */
export function Facts({ facts }: { readonly facts: readonly (readonly [string, ReactNode])[] }): ReactNode {
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </Fragment>
      ))}
    </dl>
  );
}

export function Nothing({ children = 'none' }: { readonly children?: ReactNode }): ReactNode {
  return <span className="nothing">{children}</span>;
}
