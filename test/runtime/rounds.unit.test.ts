import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Input } from '../../src/messages/index.js';
import type { Received } from '../../src/runtime/lanes/intake.js';
import { roundsOf } from '../../src/runtime/lanes/rounds.js';
import { at, deadlinePassed, heartbeat } from '../support/builders.js';

type Beat = Received & { readonly message: Input<'NODE_HEARTBEAT'> };

const isBeat = (received: Received): received is Beat => received.message.eventType === 'NODE_HEARTBEAT';

/** Beats and markers as `a` and `A`: the letter is the node. Numbered by their place. */
function batchOf(text: string): readonly Received[] {
  return [...text].map((letter, n) => {
    const nodeId = letter.toLowerCase();
    const message = letter === nodeId ? heartbeat(n) : deadlinePassed(n, 'liveness', at(n));
    return { message: { ...message, payload: { ...message.payload, nodeId } } } as Received;
  });
}

function textOf(batch: readonly Received[]): string {
  return batch
    .map((received) => {
      const letter = received.message.payload.nodeId ?? '';
      return isBeat(received) ? letter : letter.toUpperCase();
    })
    .join('');
}

const NODES = ['a', 'b', 'c', 'd'];
const BEATS_AND_MARKERS = [...NODES, ...NODES.map((node) => node.toUpperCase())];

const roundsIn = (text: string): readonly string[] =>
  roundsOf(batchOf(text), isBeat).map(({ beats, markers }) => `${textOf(beats)}|${textOf(markers)}`);

describe('rounds', () => {
  it.each([
    ['', []],
    ['abab', ['abab|']],
    ['aBaB', ['aa|BB']],
    ['aAa', ['a|', '|A', 'a|']],
    ['Aa', ['|A', 'a|']],
    ['aAbBa', ['ab|', '|AB', 'a|']],
    ['aaAAaaB', ['aa|B', '|AA', 'aa|']],
  ])('of %j are %j', (text, expected) => {
    expect(roundsIn(text)).toEqual(expected);
  });

  it('lose nothing and keep the order of each node; within one, no node has both', () => {
    const batch = fc
      .array(fc.constantFrom(...BEATS_AND_MARKERS), { maxLength: 60 })
      .map((letters) => batchOf(letters.join('')));
    fc.assert(
      fc.property(batch, (records) => {
        const rounds = roundsOf(records, isBeat);
        const inOrder = rounds.flatMap(({ beats, markers }) => [...beats, ...markers]);
        const ofNode = (all: readonly Received[], node: string): readonly Received[] =>
          all.filter(({ message }) => message.payload.nodeId === node);
        expect(inOrder).toHaveLength(records.length);
        for (const node of NODES) expect(ofNode(inOrder, node)).toEqual(ofNode(records, node));
        for (const { beats, markers } of rounds) {
          expect(beats.every(isBeat)).toBe(true);
          expect(markers.some(isBeat)).toBe(false);
          const beating = new Set(beats.map(({ message }) => message.payload.nodeId));
          expect(markers.filter(({ message }) => beating.has(message.payload.nodeId ?? ''))).toEqual([]);
          expect(beats.length + markers.length).toBeGreaterThan(0);
        }
      }),
    );
  });

  it('are no more than the node that alternates most often needs: one where none does', () => {
    const batch = fc
      .array(fc.constantFrom(...BEATS_AND_MARKERS), { minLength: 1, maxLength: 60 })
      .map((letters) => letters.join(''));
    const changes = (text: string): number => [...text].filter((letter, n) => n > 0 && letter !== text[n - 1]).length;
    fc.assert(
      fc.property(batch, (text) => {
        const most = Math.max(
          ...NODES.map((node) => changes(text.replace(new RegExp(`[^${node}${node.toUpperCase()}]`, 'g'), ''))),
        );
        expect(roundsIn(text)).toHaveLength(most + 1);
      }),
    );
  });
});
