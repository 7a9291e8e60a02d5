import { Member } from './member.js';
import type { Membership } from './membership.js';
import type { JoinOptions } from './options.js';
import { settle } from './settled.js';

/**
 * Joins a fleet: says what the node is, acknowledges when it is ready, and keeps it alive until it leaves. Returns at once, and goes on
 * through outages of the registry, from the very start; `whenActive` tells when others find the node, and the events tell everything else.
 * Throws an `OptionsError` that names every mistake.
 */
export function join(options: JoinOptions): Membership {
  const member = new Member(settle(options, Date.now()));
  member.begin();
  return member;
}
