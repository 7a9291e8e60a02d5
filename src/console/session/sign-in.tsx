import { useId, useState, type ReactNode } from 'react';
import { Dialog } from '../parts/dialog.js';
import { Field } from '../parts/field.js';
import { useSession } from './session.js';
import { keepToken } from './token.js';

/** Asks for a bearer token once the API wants one. */
export function SignIn(): ReactNode {
  const { isTokenWanted } = useSession();
  return isTokenWanted ? <SignInDialog /> : null;
}

function SignInDialog(): ReactNode {
  const id = useId();
  const [text, setText] = useState('');
  const given = text.trim();
  return (
    <Dialog title="Sign in" onClose={null}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (given !== '') keepToken(given);
        }}
      >
        <p>
          This registry asks who you are: it did not accept the request without a token, or with the one from before.
          Whoever runs it can give you one.
        </p>
        <Field id={id} label="Bearer token" hint="Kept until this tab is closed, and sent to this registry only.">
          <input
            id={id}
            type="password"
            autoComplete="off"
            spellCheck={false}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </Field>
        <div className="dialog-actions">
          <button className="primary" type="submit" disabled={given === ''}>
            Sign in
          </button>
        </div>
      </form>
    </Dialog>
  );
}
