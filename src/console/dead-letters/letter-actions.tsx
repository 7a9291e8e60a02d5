import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { DeadLetterDetail } from '../../api-answers/answers.js';
import { redriveLetter, releaseLetter } from '../api/dead-letters.js';
import { Confirm } from '../parts/confirm.js';
import { ProblemNote } from '../parts/problem-note.js';
import { useSession } from '../session/session.js';

/** Sends the original again, or takes its line out of quarantine. */
export function LetterActions({ letter }: { readonly letter: DeadLetterDetail }): ReactNode {
  const { mayOperate } = useSession();
  const client = useQueryClient();
  const [isSending, setSending] = useState(false);
  const refresh = (): Promise<void> => client.invalidateQueries({ queryKey: ['letters'] });
  const redrive = useMutation({
    mutationFn: () => redriveLetter(letter.id, letter.lineQuarantined),
    onSuccess: async () => {
      setSending(false);
      await refresh();
    },
  });
  const release = useMutation({ mutationFn: () => releaseLetter(letter.id), onSuccess: refresh });
  if (!mayOperate) return null;
  return (
    <div className="node-actions">
      <div className="buttons">
        {letter.lineQuarantined && (
          <button type="button" disabled={release.isPending} onClick={() => release.mutate()}>
            Release from quarantine
          </button>
        )}
        <button
          type="button"
          className="primary"
          disabled={letter.valueTruncated || letter.originalValue === null}
          onClick={() => {
            redrive.reset();
            setSending(true);
          }}
        >
          Send again…
        </button>
      </div>
      <p className="action-answer" role="status">
        {redrive.isSuccess && 'Sent. If it fails again, its next letter stands here.'}
      </p>
      {release.error !== null && <ProblemNote error={release.error} />}
      {isSending && (
        <Confirm
          title="Send this message again?"
          action={letter.lineQuarantined ? 'Send in spite of quarantine' : 'Send'}
          isDangerous={letter.lineQuarantined}
          isBusy={redrive.isPending}
          error={redrive.error}
          onConfirm={() => redrive.mutate()}
          onClose={() => setSending(false)}
        >
          <p className="wrap">
            The original is published to <code>{letter.originalTopic}</code> and handled as if it had just come. The
            letter stays.
          </p>
        </Confirm>
      )}
    </div>
  );
}
