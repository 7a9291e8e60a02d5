import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState, type ReactNode } from 'react';
import type { RedriveReport } from '../../api-answers/answers.js';
import { redriveByFilter } from '../api/dead-letters.js';
import type { LetterFilter } from '../api/letter-model.js';
import { Dialog } from '../parts/dialog.js';
import { ProblemNote } from '../parts/problem-note.js';
import { counted, whole } from '../words/numbers.js';

type Props = { readonly filter: LetterFilter; readonly onClose: () => void };

const LIMIT = 500;

const WHY: Readonly<Record<string, string>> = {
  truncated: 'not kept whole, has to be sent anew by who sent it',
  no_value: 'has no value',
  unread_topic: 'came by a topic that nobody reads',
  quarantined: 'in quarantine: release it first',
  superseded: 'a later letter of its line stands for it',
  over_limit: 'over the limit: send again once more',
  unconfirmed: 'the log did not answer, and may have it',
  not_tried: 'one before it was not taken',
  gone: 'deleted meanwhile',
};

/** A dry run comes first, always: what would be sent is shown before anything is. */
export function RedriveDialog({ filter, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const [report, setReport] = useState<RedriveReport | null>(null);
  const redrive = useMutation({
    mutationFn: (dryRun: boolean) => redriveByFilter(filter, dryRun, LIMIT),
    onSuccess: async (answer) => {
      setReport(answer);
      if (!answer.dryRun) await client.invalidateQueries({ queryKey: ['letters'] });
    },
  });
  const { mutate } = redrive;
  useEffect(() => mutate(true), [mutate]);
  const isDone = report !== null && !report.dryRun;
  return (
    <Dialog title="Send dead letters again" onClose={onClose}>
      <p>
        The originals of the letters that the filters find, and that were not sent again yet, are published to their
        topics.
      </p>
      {redrive.error !== null && <ProblemNote error={redrive.error} />}
      <div role="status">{report === null ? 'Looking what would be sent…' : <Report report={report} />}</div>
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          {isDone ? 'Close' : 'Cancel'}
        </button>
        {!isDone && (
          <button
            type="button"
            className="primary"
            disabled={report === null || report.sent.count === 0 || redrive.isPending}
            onClick={() => mutate(false)}
          >
            {report === null || report.sent.count === 0 ? 'Send' : `Send ${counted(report.sent.count, 'message')}`}
          </button>
        )}
      </div>
    </Dialog>
  );
}

function Report({ report }: { readonly report: RedriveReport }): ReactNode {
  const { dryRun, matched, moreMatch, sent, notSent } = report;
  return (
    <>
      <p className={dryRun ? 'note info' : 'note good'}>
        <strong>{dryRun ? 'Dry run, nothing was sent.' : 'Done.'}</strong> {counted(matched, 'letter')} found
        {moreMatch && ' (there are more: narrow the filters to reach them)'},{' '}
        <span data-redrive="sent">{whole(sent.count)}</span> {dryRun ? 'would be sent' : 'sent'}.
      </p>
      {notSent.length > 0 && (
        <ul className="outcome">
          {notSent.map(({ why, count }) => (
            <li key={why}>
              {whole(count)} not: {WHY[why] ?? why}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
