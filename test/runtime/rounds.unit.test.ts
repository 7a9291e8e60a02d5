import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { LogRecord } from '../../src/runtime/lanes/lane.js';
import { Rounds } from '../../src/runtime/lanes/rounds.js';

/** Beats and markers as `a` and `A`: the letter is the node. Records are numbered by their place. */
function roundsOf(text: string): Rounds {
  const rounds = new Rounds();
  [...text].forEach((letter, n) => {
    const nodeId = letter.toLowerCase();
    const record = { offset: `${n}${letter}` } as LogRecord;
    if (letter === nodeId) rounds.addBeat(nodeId, record);
    else rounds.addMarker(nodeId, record);
  });
  return rounds;
}

const lettersOf = (records: Iterable<LogRecord>): string => [...records].map(({ offset }) => offset.slice(-1)).join('');

const roundsIn = (text: string): readonly string[] =>
  roundsOf(text).inOrder.map(({ beats, markers }) => `${lettersOf(beats.values())}|${lettersOf(markers)}`);

const NODES = ['a', 'b', 'c', 'd'];
const BEATS_AND_MARKERS = [...NODES, ...NODES.map((node) => node.toUpperCase())];

describe('rounds', () => {
  it.each([
    ['', []],
    ['abab', ['ab|']],
    ['aBaB', ['a|BB']],
    ['aAa', ['a|', '|A', 'a|']],
    ['Aa', ['|A', 'a|']],
    ['aAbBa', ['ab|', '|AB', 'a|']],
    ['aaAAaaB', ['a|B', '|AA', 'a|']],
  ])('of %j are %j', (text, expected) => {
    expect(roundsIn(text)).toEqual(expected);
    expect(roundsOf(text).size).toBe(text.length);
  });

  it('keep the order of each node, of whose beats in a row the last counts; within one, no node has both', () => {
    const batch = fc.array(fc.constantFrom(...BEATS_AND_MARKERS), { maxLength: 60 }).map((letters) => letters.join(''));
    fc.assert(
      fc.property(batch, (text) => {
        const rounds = roundsOf(text).inOrder;
        const numbered = [...text].map((letter, n) => `${n}${letter}`);
        for (const node of NODES) {
          const mine = (offset: string): boolean => offset.slice(-1).toLowerCase() === node;
          const inOrder = rounds.flatMap(({ beats, markers }) =>
            [...beats.values(), ...markers].map(({ offset }) => offset).filter(mine),
          );
          const expected = numbered
            .filter(mine)
            .filter((entry, n, all) => entry.slice(-1) !== node || all[n + 1]?.slice(-1) !== node);
          expect(inOrder).toEqual(expected);
        }
        for (const { beats, markers } of rounds) {
          expect(markers.filter(({ offset }) => beats.has(offset.slice(-1).toLowerCase()))).toEqual([]);
        }
      }),
    );
  });
});
