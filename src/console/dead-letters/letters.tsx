import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { DeadLetter } from '../../api-answers/answers.js';
import { Badge } from '../parts/badge.js';
import { Ago, useNow } from '../parts/time.js';
import { letterPath } from '../words/paths.js';

export function Letters({ items }: { readonly items: readonly DeadLetter[] }): ReactNode {
  const now = useNow();
  if (items.length === 0) return null;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-label="Table of dead letters">
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Came</th>
            <th scope="col">Cause</th>
            <th scope="col">Reason</th>
            <th scope="col">Topic</th>
            <th scope="col">Node</th>
            <th scope="col">Sent again</th>
          </tr>
        </thead>
        <tbody>
          {items.map((letter) => (
            <tr key={letter.id} data-letter={letter.id}>
              <td>
                <Ago time={letter.occurredAt} now={now} />
              </td>
              <td>
                <Badge tone={letter.quarantined ? 'bad' : 'wait'}>
                  {letter.cause.replaceAll('_', ' ')}
                  {letter.quarantined && ', in quarantine'}
                </Badge>
              </td>
              <td className="cell-reason">
                <Link href={letterPath(letter.id)} title={letter.reason}>
                  {letter.reason}
                </Link>
              </td>
              <td className="cell-long">
                <span className="mono cut" title={`${letter.originalTopic}, partition ${letter.originalPartition}`}>
                  {letter.originalTopic}
                </span>
              </td>
              <td className="cell-long">
                <span className="mono cut" title={letter.nodeId ?? ''}>
                  {letter.nodeId ?? '–'}
                </span>
              </td>
              <td>{letter.redrives === 0 ? 'never' : `${letter.redrives} ×`}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
