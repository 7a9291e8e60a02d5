import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, use, useEffect, useSyncExternalStore, type ReactNode } from 'react';
import { call } from '../api/call.js';
import { ANYBODY, mayOperate, personOf, type Person } from './roles.js';
import { isTokenWanted, onTokenChange, token } from './token.js';

type Session = {
  readonly person: Person;
  readonly isTokenWanted: boolean;
  /** Whether commands are worth offering. The API has the last word. */
  readonly mayOperate: boolean;
};

const SessionContext = createContext<Session>({ person: ANYBODY, isTokenWanted: false, mayOperate: true });

export function useSession(): Session {
  return use(SessionContext);
}

/** Asks the API who is here, and again when the token has changed. */
export function SessionProvider({ children }: { readonly children: ReactNode }): ReactNode {
  const client = useQueryClient();
  const isWanted = useSyncExternalStore(onTokenChange, isTokenWanted);
  const { data: person } = useQuery({ queryKey: ['whoami'], queryFn: whoAmI, staleTime: Infinity });
  useEffect(
    () =>
      onTokenChange(() => {
        // What was shown belongs to somebody else.
        if (!isTokenWanted()) void client.resetQueries();
      }),
    [client],
  );
  const who = person ?? (token() === null ? ANYBODY : { name: null, role: 'reader' as const });
  return (
    <SessionContext value={{ person: who, isTokenWanted: isWanted, mayOperate: mayOperate(who) }}>
      {children}
    </SessionContext>
  );
}

async function whoAmI({ signal }: { readonly signal: AbortSignal }): Promise<Person> {
  return personOf((await call<Parameters<typeof personOf>[0]>('/v1/whoami', { signal })).body);
}
