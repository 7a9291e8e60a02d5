/** What was looked at, and how it is. `check` is stable, for programs. */
export type Finding = { readonly check: string; readonly what: string } & (
  | { readonly status: 'ok' | 'skipped' }
  | {
      /** `fail`: it does not work so, or loses something. `warn`: it works, and will hurt one day. */
      readonly status: 'warn' | 'fail';
      readonly why: string;
      readonly mend: string;
    }
);

/** What is wrong, why that matters, and how it is mended. */
type Trouble = { readonly what: string; readonly why: string; readonly mend: string };

export function ok(check: string, what: string): Finding {
  return { check, status: 'ok', what };
}

export function skipped(check: string, what: string): Finding {
  return { check, status: 'skipped', what };
}

export function warn(check: string, trouble: Trouble): Finding {
  return { check, status: 'warn', ...trouble };
}

export function fail(check: string, trouble: Trouble): Finding {
  return { check, status: 'fail', ...trouble };
}

/** The troubles that hold, or that all is well. */
export function judged(check: string, fine: string, troubles: readonly (Finding | false)[]): readonly Finding[] {
  const found = troubles.filter((trouble) => trouble !== false);
  return found.length > 0 ? found : [ok(check, fine)];
}

/** The first few of many names. */
export function some(names: readonly string[], most = 3): string {
  const shown = names.slice(0, most).join(', ');
  return names.length > most ? `${shown} and ${names.length - most} more` : shown;
}
