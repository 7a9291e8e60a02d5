import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { ListOf } from '../api/fleet-model.js';
import { Empty } from '../parts/empty.js';
import { useSession } from '../session/session.js';
import { isFiltered } from './filters.js';

/** A list without nodes: because of its filters, because it is of a time before, or because there are none. */
export function NoNodes({ list, go }: { readonly list: ListOf; readonly go: (next: ListOf) => void }): ReactNode {
  const { mayOperate } = useSession();
  if (isFiltered(list)) {
    return (
      <Empty title="No node passes these filters">
        <button type="button" onClick={() => go({ ...list, filter: {} })}>
          Clear the filters
        </button>
      </Empty>
    );
  }
  if (list.asOf !== null) {
    return (
      <Empty title="No node was known then">
        <button type="button" onClick={() => go({ ...list, asOf: null })}>
          Back to live
        </button>
      </Empty>
    );
  }
  return (
    <Empty title="No node has announced itself yet">
      <p>
        A node joins by saying what it is, on Kafka or over HTTP.{' '}
        {mayOperate && (
          <>
            You can also <Link href="/register">register one by hand</Link>.
          </>
        )}
      </p>
    </Empty>
  );
}
