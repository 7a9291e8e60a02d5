import { describe, expect, it } from '@jest/globals';
import { EVENTS } from '../client/playing.js';
import { page } from './pages.js';

/** What stands in the first column of the tables of one part of a page. */
function named(text: string, from: string, to: string): readonly string[] {
  const part = text.slice(text.indexOf(from), text.indexOf(to));
  const rows = [...part.matchAll(/^\| (`[^|]+?) +\|/gm)].map(([, cell = '']) => cell);
  return rows.flatMap((cell) => [...cell.matchAll(/`(\w+)/g)].map(([, name = '']) => name));
}

const nodes = page('docs/nodes.md');

describe('what docs/nodes.md says of the SDK', () => {
  it('are all its events, and no others', () => {
    expect([...named(nodes, 'and tells by events', '**In a Nest application**')].sort()).toEqual([...EVENTS].sort());
  });

  it('are all its options', () => {
    expect([...named(nodes, '## The SDK', 'Options that cannot be')].sort()).toEqual(
      [
        'nodeId',
        'nodeType',
        'registry',
        'ready',
        'heartbeat',
        'incarnation',
        'signing',
        'signals',
        'goodbyeWithinMs',
        'on',
      ].sort(),
    );
  });
});
