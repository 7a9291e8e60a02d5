import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type ReactNode } from 'react';
import type { Node } from '../../api-answers/answers.js';
import { requestIntrospection } from '../api/node.js';
import { deregisterNode } from '../api/operations.js';
import { Confirm } from '../parts/confirm.js';
import { Field } from '../parts/field.js';
import { OperationNote } from '../parts/operation-note.js';
import { ProblemNote } from '../parts/problem-note.js';
import { useSession } from '../session/session.js';

/** What an operator can do with a node. */
export function NodeActions({ node }: { readonly node: Node }): ReactNode {
  const { mayOperate } = useSession();
  const [isLeaving, setLeaving] = useState(false);
  const [operationId, setOperationId] = useState<string | null>(null);
  const ask = useMutation({ mutationFn: () => requestIntrospection(node.nodeId) });
  const isGone = node.state === 'deregistered' || node.state === 'deregistering';
  if (!mayOperate) return null;
  return (
    <div className="node-actions">
      <div className="buttons">
        <button type="button" disabled={ask.isPending} onClick={() => ask.mutate()}>
          Request introspection
        </button>
        <button type="button" className="danger" disabled={isGone} onClick={() => setLeaving(true)}>
          Deregister…
        </button>
      </div>
      <p className="action-answer" role="status">
        {ask.isSuccess && 'Asked. The node answers when it hears of it.'}
      </p>
      {ask.error !== null && <ProblemNote error={ask.error} />}
      {operationId !== null && <OperationNote id={operationId} />}
      {isLeaving && (
        <DeregisterDialog
          nodeId={node.nodeId}
          onClose={() => setLeaving(false)}
          onDone={(id) => {
            setLeaving(false);
            setOperationId(id);
          }}
        />
      )}
    </div>
  );
}

type DialogProps = {
  readonly nodeId: string;
  readonly onClose: () => void;
  /** Null: the node had left already. */
  readonly onDone: (operationId: string | null) => void;
};

function DeregisterDialog({ nodeId, onClose, onDone }: DialogProps): ReactNode {
  const id = useId();
  const client = useQueryClient();
  const [reason, setReason] = useState('');
  const leave = useMutation({
    mutationFn: () => deregisterNode(nodeId, reason.trim()),
    onSuccess: async (operationId) => {
      onDone(operationId);
      await client.invalidateQueries({ queryKey: ['node', nodeId] });
    },
  });
  return (
    <Confirm
      title="Deregister this node?"
      action="Deregister"
      isDangerous
      typed={nodeId}
      isBusy={leave.isPending}
      error={leave.error}
      onConfirm={() => leave.mutate()}
      onClose={onClose}
    >
      <p>
        It is taken out of Consul and marked in PostgreSQL: nobody finds it any more. Its record and its history stay,
        and it can register again.
      </p>
      <Field id={id} label="Reason (optional)" hint="Kept in the history, for who asks why.">
        <input id={id} value={reason} maxLength={1024} onChange={(event) => setReason(event.target.value)} />
      </Field>
    </Confirm>
  );
}
