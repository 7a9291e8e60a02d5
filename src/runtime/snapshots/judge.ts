import type { Level } from './snapshot-store.js';

/**
 * Whether what a record of the topic tells is so. `ahead`: of a version that the state has not come to. Our own state must be what is
 * old then, or another registry writes to the topic; two that set each other right would never end, so the higher version stays.
 */
export function judge(told: Level, now: Level): 'right' | 'wrong' | 'ahead' {
  if (told.version > now.version) return 'ahead';
  if (told.isPresent !== now.isPresent) return 'wrong';
  // A node that takes no part has nothing to tell, at whatever version.
  return !now.isPresent || told.version === now.version ? 'right' : 'wrong';
}
