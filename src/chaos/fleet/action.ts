import type { Random } from '../random.js';
import { change, die, leave, start, type ChaosNode, type Said } from './chaos-node.js';

/** So few are dead at a time that nobody could think of a part of the fleet being cut off. */
const MOST_SILENT_SHARE = 0.05;

export type Action = { readonly what: 'starts' | 'changes' | 'goodbyes' | 'deaths'; readonly said: Said };

/** One thing happens to one node: mostly its process starts anew, which is a registration. */
export function act(nodes: readonly ChaosNode[], random: Random, correlationId: string, now: number): Action {
  const node = random.pick(nodes);
  const chance = random.next();
  if (node.fate !== 'stays' || chance < 0.5) return { what: 'starts', said: start(node, correlationId, now) };
  if (chance < 0.75) return { what: 'changes', said: change(node) };
  const silent = nodes.filter(({ fate }) => fate === 'silent').length;
  if (chance < 0.95 || silent >= nodes.length * MOST_SILENT_SHARE) return { what: 'goodbyes', said: leave(node) };
  die(node);
  return { what: 'deaths', said: [] };
}
