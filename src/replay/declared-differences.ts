import type { DeclaredDifference } from '../runtime/index.js';

/**
 * What this release decides differently, on purpose, than an earlier one did; docs/replay.md tells how to declare it. The recordings
 * in test/replay/fixtures have to show each of them, and nothing else.
 */
export const DECLARED_DIFFERENCES: readonly DeclaredDifference[] = [];
