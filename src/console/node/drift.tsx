import { useQuery } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { RepairDialog } from '../drift/repair-dialog.js';
import { Findings } from '../drift/findings.js';
import { Panel } from '../parts/panel.js';
import { useSession } from '../session/session.js';
import { driftOf } from './backends.js';

/** What the audits found of this node; nothing at all where it is as desired. */
export function NodeDrift({ nodeId }: { readonly nodeId: string }): ReactNode {
  const { mayOperate } = useSession();
  const [isRepairing, setRepairing] = useState(false);
  const { data } = useQuery(driftOf(nodeId));
  const items = data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Panel
      title="Drift"
      aside={
        mayOperate && (
          <button type="button" onClick={() => setRepairing(true)}>
            Repair…
          </button>
        )
      }
    >
      <Findings items={items} />
      {isRepairing && <RepairDialog filter={{ nodeId }} onClose={() => setRepairing(false)} />}
    </Panel>
  );
}
