/**
 * The bearer token of the person at the page. It lives as long as the tab, and is never part of a URL. Whoever shows
 * something that depends on it listens here.
 */
const KEY = 'rollcall.token';
const listeners = new Set<() => void>();
let isRefused = false;

export function token(): string | null {
  return sessionStorage.getItem(KEY);
}

/** Whether the API has asked for a token, or refused the one that there is. */
export function isTokenWanted(): boolean {
  return isRefused;
}

export function keepToken(text: string): void {
  sessionStorage.setItem(KEY, text);
  isRefused = false;
  tellAll();
}

export function forgetToken(): void {
  sessionStorage.removeItem(KEY);
  tellAll();
}

/** The API has answered 401 to a request with the token `used`. An answer to a request of before may come late. */
export function tokenWasRefused(used: string | null): void {
  if (used !== token() || isRefused) return;
  isRefused = true;
  sessionStorage.removeItem(KEY);
  tellAll();
}

export function onTokenChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tellAll(): void {
  for (const listener of listeners) listener();
}
