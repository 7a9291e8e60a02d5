import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import type { DriftRepair } from '../../api-answers/answers.js';
import type { DriftFilter } from '../api/drift-model.js';
import { readRepair, repairDrift } from '../api/drift.js';
import { Dialog } from '../parts/dialog.js';
import { ProblemNote } from '../parts/problem-note.js';
import { counted, whole } from '../words/numbers.js';

type Props = { readonly filter: DriftFilter; readonly onClose: () => void };

const ASK_EVERY_MS = 1000;

/** Looks first, then repairs: what would be done is shown before anything is. */
export function RepairDialog({ filter, onClose }: Props): ReactNode {
  const client = useQueryClient();
  const [force, setForce] = useState(false);
  const [looked, setLooked] = useState<DriftRepair | null>(null);
  const [done, setDone] = useState<DriftRepair | null>(null);
  const repair = useMutation({
    mutationFn: async (dryRun: boolean) => toItsEnd(await repairDrift({ ...filter, dryRun, force })),
    onSuccess: async (answer) => {
      if (answer.dryRun) setLooked(answer);
      else setDone(answer);
      await client.invalidateQueries({ predicate: ({ queryKey }) => queryKey.includes('drift') });
    },
  });
  const result = done ?? looked;
  const wouldRepair = looked?.outcome.reduce((sum, { repairs }) => sum + repairs, 0) ?? 0;
  const isHeld = result?.outcome.some(({ held }) => held.some(({ decidedBy }) => decidedBy === 'operator')) ?? false;
  return (
    <Dialog title="Audit and repair" onClose={onClose}>
      <p>{scopeWords(filter)} An audit is made at once. Look first: then nothing is changed.</p>
      {repair.error !== null && <ProblemNote error={repair.error} />}
      <div role="status">{result !== null && <Outcome repair={result} />}</div>
      {(isHeld || force) && done === null && (
        <label className="check">
          <input type="checkbox" checked={force} onChange={(event) => setForce(event.target.checked)} />
          Also what is held until an operator decides
        </label>
      )}
      <div className="dialog-actions">
        <button type="button" onClick={onClose}>
          {done === null ? 'Cancel' : 'Close'}
        </button>
        {done === null && (
          <>
            <button
              type="button"
              className={looked === null ? 'primary' : ''}
              disabled={repair.isPending}
              onClick={() => repair.mutate(true)}
            >
              {repair.isPending ? 'Working…' : 'Look'}
            </button>
            <button
              type="button"
              className={force ? 'danger' : 'primary'}
              disabled={looked === null || (wouldRepair === 0 && !force) || repair.isPending}
              onClick={() => repair.mutate(false)}
            >
              Repair
            </button>
          </>
        )}
      </div>
    </Dialog>
  );
}

/** An audit of a large fleet takes longer than an answer may. */
async function toItsEnd(repair: DriftRepair): Promise<DriftRepair> {
  let current = repair;
  while (current.status !== 'done') {
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    current = await readRepair(current.id, new AbortController().signal);
  }
  return current;
}

function Outcome({ repair }: { readonly repair: DriftRepair }): ReactNode {
  return (
    <ul className="outcome">
      {repair.outcome.map(({ backend, compared, matching, repairs, held, cutOff }) => (
        <li key={backend}>
          <strong>{backend === 'consul' ? 'Consul' : 'PostgreSQL'}</strong>: {counted(compared, 'node')} compared,{' '}
          {counted(matching, 'finding')}, {repair.dryRun ? 'would ask' : 'asked'} for {whole(repairs)}{' '}
          {repairs === 1 ? 'repair' : 'repairs'}.{cutOff !== null && ` Cut off: ${cutOff}`}
          {held.map(({ reason, entries, text }) => (
            <p key={reason} className="note wait">
              {counted(entries, 'entry', 'entries')} held ({reason.replaceAll('_', ' ')}): {text}
            </p>
          ))}
        </li>
      ))}
    </ul>
  );
}

function scopeWords({ backend, drift, nodeId }: DriftFilter): string {
  const where = backend === undefined ? 'both backends' : backend === 'consul' ? 'Consul' : 'PostgreSQL';
  const what = drift === undefined ? 'all that differs' : `what is ${drift}`;
  return `About ${what} in ${where}${nodeId === undefined ? '' : `, of ${nodeId}`}.`;
}
