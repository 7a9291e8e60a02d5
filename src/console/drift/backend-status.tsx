import type { ReactNode } from 'react';
import type { BackendDrift } from '../../api-answers/answers.js';
import { DRIFTS } from '../api/drift-model.js';
import { Badge } from '../parts/badge.js';
import { Facts } from '../parts/facts.js';
import { Panel } from '../parts/panel.js';
import { Ago, useNow } from '../parts/time.js';
import { counted, whole } from '../words/numbers.js';
import type { Tone } from '../words/states.js';
import { duration } from '../words/time.js';

const STATUSES: Readonly<Record<BackendDrift['status'], readonly [Tone, string]>> = {
  clean: ['good', 'Clean'],
  drifting: ['wait', 'Drifting'],
  held: ['bad', 'Held: waits for an operator'],
  incomplete: ['wait', 'Audit cut off'],
};

/** What the last audit of a backend found. */
export function BackendStatus({ drift }: { readonly drift: BackendDrift }): ReactNode {
  const now = useNow();
  const [tone, label] = STATUSES[drift.status];
  const took = Date.parse(drift.finishedAt) - Date.parse(drift.startedAt);
  return (
    <Panel title={drift.backend === 'consul' ? 'Consul' : 'PostgreSQL'} aside={<Badge tone={tone}>{label}</Badge>}>
      <ul className="counts" aria-label="Found by the last audit">
        {DRIFTS.map((kind) => (
          <li key={kind}>
            <span className="count-number" data-drift={`${drift.backend} ${kind}`}>
              {whole(drift.counts[kind])}
            </span>
            <span className="count-name">{kind}</span>
          </li>
        ))}
      </ul>
      <Facts
        facts={[
          [
            'Last audit',
            <span key="audit">
              <Ago time={drift.finishedAt} now={now} />, took {duration(took)}
            </span>,
          ],
          ['Compared', counted(drift.compared, 'node')],
          ['Holds', counted(drift.entries, 'entry', 'entries')],
          ['Not judged', `${counted(drift.unsettled, 'node')} with an intent on its way`],
          ['Repairs asked', whole(drift.repairs)],
        ]}
      />
      {drift.cutOff !== null && <p className="note wait">{drift.cutOff}</p>}
      {drift.held.map(({ reason, entries, decidedBy, text }) => (
        <p key={reason} className={decidedBy === 'operator' ? 'note bad' : 'note wait'}>
          <strong>
            {counted(entries, 'entry', 'entries')} not repaired ({reason.replaceAll('_', ' ')}).
          </strong>{' '}
          {text}
        </p>
      ))}
    </Panel>
  );
}
