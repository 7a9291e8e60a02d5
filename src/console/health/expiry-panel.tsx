import { useMutation, useQuery, useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { Expiry } from '../../api-answers/answers.js';
import { readExpiry, releaseExpiry, resumeProtection } from '../api/health.js';
import { Badge } from '../parts/badge.js';
import { Confirm } from '../parts/confirm.js';
import { Facts } from '../parts/facts.js';
import { Field } from '../parts/field.js';
import { Loading } from '../parts/loading.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { Ago, useNow } from '../parts/time.js';
import { useSession } from '../session/session.js';
import { whole } from '../words/numbers.js';
import type { Tone } from '../words/states.js';

const READ_EVERY_MS = 3000;
const MINUTE_MS = 60_000;
const FOR_MINUTES = [1, 5, 15, 60] as const;

const STATUSES: Readonly<Record<Expiry['status'], readonly [Tone, string]>> = {
  running: ['good', 'running'],
  held: ['bad', 'held'],
  released: ['wait', 'released'],
};

/** Whether silent nodes expire, and what an operator can decide about it. */
export function ExpiryPanel(): ReactNode {
  const { mayOperate } = useSession();
  const client = useQueryClient();
  const now = useNow();
  const [isReleasing, setReleasing] = useState(false);
  const { data, error } = useQuery({
    queryKey: ['expiry'],
    queryFn: ({ signal }) => readExpiry(signal),
    refetchInterval: READ_EVERY_MS,
  });
  const resume = useMutation({
    mutationFn: resumeProtection,
    onSuccess: (answer) => take(client, answer),
  });
  if (data === undefined) {
    return <Panel title="Expiry guard">{error === null ? <Loading lines={4} /> : <ProblemNote error={error} />}</Panel>;
  }
  const [tone, label] = STATUSES[data.status];
  return (
    <Panel title="Expiry guard" aside={<Badge tone={tone}>{label}</Badge>}>
      <p className="wrap">{data.reason ?? 'Silent nodes expire, each in its time.'}</p>
      <Facts
        facts={[
          ['About to expire', whole(data.expiring)],
          ['Owe heartbeats', whole(data.live)],
          ['Held', data.heldSince === null ? 'no' : <Ago key="held" time={data.heldSince} now={now} />],
          [
            'Released until',
            data.releasedUntil === null ? 'not released' : <Ago key="until" time={data.releasedUntil} now={now} />,
          ],
        ]}
      />
      {resume.error !== null && <ProblemNote error={resume.error} />}
      {mayOperate && (
        <div className="buttons">
          {data.status === 'released' ? (
            <button type="button" disabled={resume.isPending} onClick={() => resume.mutate()}>
              Resume protection
            </button>
          ) : (
            <button type="button" className="danger" onClick={() => setReleasing(true)}>
              Let everything silent expire…
            </button>
          )}
        </div>
      )}
      {isReleasing && <ReleaseDialog onClose={() => setReleasing(false)} />}
    </Panel>
  );
}

/** What is being read at this moment may be from before. */
async function take(client: QueryClient, answer: Expiry): Promise<void> {
  await client.cancelQueries({ queryKey: ['expiry'] });
  client.setQueryData(['expiry'], answer);
}

function ReleaseDialog({ onClose }: { readonly onClose: () => void }): ReactNode {
  const id = useId();
  const client = useQueryClient();
  const [minutes, setMinutes] = useState<number>(5);
  const release = useMutation({
    mutationFn: () => releaseExpiry(minutes * MINUTE_MS),
    onSuccess: async (answer) => {
      await take(client, answer);
      onClose();
    },
  });
  return (
    <Confirm
      title="Let everything silent expire?"
      action="Let it expire"
      isDangerous
      isBusy={release.isPending}
      error={release.error}
      onConfirm={() => release.mutate()}
      onClose={onClose}
    >
      <p>
        Every node that is silent is taken out, however many there are. Be sure that it is the nodes that are gone, and
        not the network between.
      </p>
      <Field id={id} label="For how long">
        <select id={id} value={minutes} onChange={(event) => setMinutes(Number(event.target.value))}>
          {FOR_MINUTES.map((count) => (
            <option key={count} value={count}>
              {count === 1 ? '1 minute' : `${count} minutes`}
            </option>
          ))}
        </select>
      </Field>
    </Confirm>
  );
}
