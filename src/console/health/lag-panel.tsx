import type { ReactNode } from 'react';
import type { Gauges } from '../api/health.js';
import { Loading } from '../parts/loading.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { whole } from '../words/numbers.js';

type Props = { readonly gauges: Gauges | undefined; readonly error: unknown };

/** Records that wait in the log, by who is to read them. */
export function LagPanel({ gauges, error }: Props): ReactNode {
  return (
    <Panel title="Lag" aside="of the process that answered">
      {error !== null && <ProblemNote error={error} />}
      {gauges === undefined ? (
        error === null && <Loading lines={4} />
      ) : gauges.lag.length === 0 ? (
        <p className="nothing">This process consumes nothing.</p>
      ) : (
        <div className="scroll" tabIndex={0} role="region" aria-label="Lag of each group">
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Group</th>
                <th scope="col">Topic</th>
                <th scope="col" className="number">
                  Records waiting
                </th>
              </tr>
            </thead>
            <tbody>
              {gauges.lag.map(({ group, topic, records }) => (
                <tr key={`${group} ${topic}`}>
                  <td className="mono">{group}</td>
                  <td className="mono cell-topic">{topic}</td>
                  <td className="number">{whole(records)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </Panel>
  );
}
