import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { DriftFinding } from '../../api-answers/answers.js';
import { Ago, useNow } from '../parts/time.js';
import { nodePath } from '../words/paths.js';

/** Entries that are not as desired. A foreign one is nobody's node. */
export function Findings({ items }: { readonly items: readonly DriftFinding[] }): ReactNode {
  const now = useNow();
  if (items.length === 0) return null;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Table of findings">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Kind</th>
            <th scope="col">Backend</th>
            <th scope="col">Node</th>
            <th scope="col">Revision</th>
            <th scope="col">Differs in</th>
            <th scope="col">Seen</th>
          </tr>
        </thead>
        <tbody>
          {items.map((item) => {
            const { backend, nodeId, drift, revision, foundRevision, differences, entry, firstSeenAt } = item;
            return (
              <tr key={`${backend} ${nodeId} ${drift} ${entry?.consulNode ?? ''} ${entry?.serviceId ?? ''}`}>
                <td>{drift}</td>
                <td>{backend}</td>
                <td className="cell-long">
                  {revision === null ? (
                    <span className="mono cut" title={nodeId}>
                      {nodeId}
                    </span>
                  ) : (
                    <Link className="mono cut" href={nodePath(nodeId)} title={nodeId}>
                      {nodeId}
                    </Link>
                  )}
                </td>
                <td>
                  {revision ?? 'none'} desired, {foundRevision ?? 'none'} found
                </td>
                <td className="wrap">{differences.length === 0 ? '–' : differences.join(', ')}</td>
                <td>
                  <Ago time={firstSeenAt} now={now} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
