import { useMutation } from '@tanstack/react-query';
import { useRef, useState, type ReactNode } from 'react';
import { Link } from 'wouter';
import { registerNode } from '../api/operations.js';
import { ApiProblem, fieldErrors } from '../api/problem.js';
import { Empty } from '../parts/empty.js';
import { OperationNote } from '../parts/operation-note.js';
import { Page } from '../parts/page.js';
import { Panel } from '../parts/panel.js';
import { ProblemNote } from '../parts/problem-note.js';
import { useSession } from '../session/session.js';
import { nodePath } from '../words/paths.js';
import { bodyOf, draftFieldOf, EMPTY_DRAFT, type Draft, type DraftField } from './draft.js';
import { RegisterFields } from './fields.js';

type Sent = { readonly nodeId: string; readonly operationId: string };

/** Registers a node by hand, or changes the record of one, and follows the command to its end. */
export function RegisterPage(): ReactNode {
  const { mayOperate, person } = useSession();
  const form = useRef<HTMLFormElement>(null);
  const [draft, setDraft] = useState<Draft>(EMPTY_DRAFT);
  const [unread, setUnread] = useState<ReadonlyMap<DraftField, string>>(new Map());
  const [sent, setSent] = useState<Sent | null>(null);
  const register = useMutation({
    mutationFn: async (body: Readonly<Record<string, unknown>>) => ({
      nodeId: String(body['nodeId']),
      operationId: await registerNode(body),
    }),
    onSuccess: setSent,
    onError: () => focusFirstWrong(form.current),
  });
  if (!mayOperate) {
    return (
      <Page title="Register a node">
        <Empty title={`Registering needs the role operator; you are here as ${person.role}`}>
          Sign in with a token of that role.
        </Empty>
      </Page>
    );
  }
  const submit = (): void => {
    setSent(null);
    register.reset();
    const { body, errors } = bodyOf(draft);
    setUnread(errors ?? new Map());
    if (body === null) focusFirstWrong(form.current);
    else register.mutate(body);
  };
  const errors = new Map([...unread, ...errorsByField(register.error)]);
  return (
    <Page
      title="Register a node"
      about="By hand, for what does not announce itself. The id of a known node changes its record."
    >
      <form
        ref={form}
        className="register"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <Panel title="Node">
          <RegisterFields
            draft={draft}
            errors={errors}
            onChange={(change) => setDraft((before) => ({ ...before, ...change }))}
          />
          {register.error !== null && !isAllAtFields(register.error) && <ProblemNote error={register.error} />}
          {errors.size > 0 && (
            <p className="field-error" role="alert">
              {errors.size === 1 ? 'One field is wrong.' : `${errors.size} fields are wrong.`} Nothing was sent to the
              fleet.
            </p>
          )}
          <div className="form-actions">
            <button className="primary" type="submit" disabled={register.isPending}>
              {register.isPending ? 'Sending…' : 'Register'}
            </button>
            <button
              type="button"
              onClick={() => {
                setDraft(EMPTY_DRAFT);
                setUnread(new Map());
                setSent(null);
                register.reset();
              }}
            >
              Clear
            </button>
          </div>
        </Panel>
      </form>
      {sent !== null && (
        <Panel title="What became of it" aside={<Link href={nodePath(sent.nodeId)}>To the node</Link>}>
          <OperationNote id={sent.operationId} />
        </Panel>
      )}
    </Page>
  );
}

function errorsByField(error: unknown): readonly (readonly [DraftField, string])[] {
  return [...fieldErrors(error)].flatMap(([field, message]) => {
    const own = draftFieldOf(field);
    return own === null ? [] : [[own, field === own ? message : `${field}: ${message}`] as const];
  });
}

/** Then the note above the button would only say it again. */
function isAllAtFields(error: unknown): boolean {
  const wrong = error instanceof ApiProblem ? (error.document.errors ?? []) : [];
  return wrong.length > 0 && wrong.every(({ field }) => draftFieldOf(field) !== null);
}

/** Once the errors are there. */
function focusFirstWrong(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => form?.querySelector<HTMLElement>('[aria-invalid="true"]')?.focus());
}
