import { redact, registerSecret } from '../messages/index.js';
import type { About } from './fields.js';
import { variables, type Variable } from './variables.js';

/** A value as it may be printed. What could hold a password, and is not a URL in which it could be told, is left out. */
export function shown(variable: Variable, value: string): string {
  if (isSecret(variable)) return '***';
  if (!variable.endsWith('DATABASE_URL') && !value.includes('@')) return JSON.stringify(redact(value, 200));
  return /^\w+:\/\//.test(value) && URL.canParse(value)
    ? JSON.stringify(maskedUrl(value))
    : '*** (not shown: it may hold a password)';
}

export function maskedUrl(text: string): string {
  const url = new URL(text);
  if (url.password !== '') url.password = '***';
  if (url.searchParams.has('password')) url.searchParams.set('password', '***');
  return redact(url.href);
}

export function registerSecrets(given: Readonly<Record<string, string>>): void {
  for (const variable of Object.keys(variables.shape) as Variable[])
    if (isSecret(variable)) registerSecret(given[variable]);
  for (const text of [given['DATABASE_URL'], given['REGISTRY_DATABASE_URL']]) {
    if (text === undefined || !URL.canParse(text)) continue;
    const url = new URL(text);
    for (const password of [url.password, url.searchParams.get('password') ?? '']) {
      // One that is also the name of user or database is no secret, and would mask that word everywhere.
      if (password === url.username || password === url.pathname.slice(1)) continue;
      registerSecret(password);
      registerSecret(decoded(password));
    }
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function isSecret(variable: Variable): boolean {
  return (variables.shape[variable].meta() as About).secret === true;
}
