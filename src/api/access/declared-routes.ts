import type { Access } from './access.js';

/**
 * Routes that no controller of ours makes, and that nobody has to authenticate for: pages and descriptions, which say nothing of the
 * fleet. What a page shows it asks for by itself, as whoever sits before it.
 */
const OPEN_PAGES = /^\/(?:docs|console)(?:\/.*)?$|^\/(?:openapi|asyncapi)\.json$/;

/** Null for a route that nothing is declared of. */
export function declaredAccess(url: string): Access | null {
  return OPEN_PAGES.test(url) ? { least: 'open' } : null;
}
