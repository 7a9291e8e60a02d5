import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BinaryArray } from '../../src/runtime/journal/binary-array.js';

const int = (value: number): number[] => [...Buffer.from(Uint32Array.of(value).buffer).reverse()];
const header = (hasNulls: 0 | 1, type: number, length: number): number[] =>
  [1, hasNulls, type, length, 1].flatMap((value) => int(value));
const NULL = [0xff, 0xff, 0xff, 0xff];

function texts(values: readonly (string | null)[]): Buffer {
  const array = new BinaryArray('text');
  for (const value of values) array.addText(value);
  return array.toParameter();
}

/** The elements as a server reads them. */
function elementsOf(parameter: Buffer): readonly (Buffer | null)[] {
  const elements: (Buffer | null)[] = [];
  for (let at = 20; at < parameter.length;) {
    const length = parameter.readInt32BE(at);
    at += 4;
    elements.push(length === -1 ? null : parameter.subarray(at, at + length));
    at += Math.max(length, 0);
  }
  return elements;
}

describe('an array in binary', () => {
  it('of texts has its length and bytes for each', () => {
    expect([...texts(['ab', 'ü'])]).toEqual([...header(0, 25, 2), ...int(2), 0x61, 0x62, ...int(2), 0xc3, 0xbc]);
  });

  it('says that there are nulls', () => {
    expect([...texts([null, ''])]).toEqual([...header(1, 25, 2), ...NULL, ...int(0)]);
  });

  it('of integers has four bytes for each', () => {
    const array = new BinaryArray('int4');
    for (const value of [1, null, -2]) array.addInteger(value);
    const elements = [...int(4), ...int(1), ...NULL, ...int(4), 0xff, 0xff, 0xff, 0xfe];
    expect([...array.toParameter()]).toEqual([...header(1, 23, 3), ...elements]);
  });

  it('of booleans has one byte for each', () => {
    const array = new BinaryArray('bool');
    for (const value of [true, false]) array.addBoolean(value);
    expect([...array.toParameter()]).toEqual([...header(0, 16, 2), ...int(1), 1, ...int(1), 0]);
  });

  it('can be empty', () => {
    expect([...texts([])]).toEqual(header(0, 25, 0));
  });

  const readBack = (values: readonly (string | null)[]) =>
    elementsOf(texts(values)).map((element) => element?.toString('utf8') ?? null);

  it('holds what was added, whatever it is', () => {
    const value = fc.option(fc.string({ unit: 'grapheme', maxLength: 200 }));
    fc.assert(fc.property(fc.array(value), (values) => expect(readBack(values)).toEqual(values)));
  });

  it.each(['x', 'ü', '漢', '😀'])('grows as it must, for %s', (character) => {
    for (const bytes of [5400, 16_300, 16_360, 16_380, 16_400, 70_000]) {
      const long = character.repeat(Math.ceil(bytes / Buffer.byteLength(character)));
      const values = ['a', long, null, 'b', long, character];
      expect(readBack(values)).toEqual(values);
    }
  });

  it('shows nothing of what its memory was used for before', () => {
    const before = new BinaryArray('text');
    before.addText(null);
    before.addText('x'.repeat(20_000));
    before.toParameter();
    before.release();
    expect([...texts(['a'])]).toEqual([...header(0, 25, 1), ...int(1), 0x61]);
  });

  it('lends its memory to nobody before it is released', () => {
    const first = new BinaryArray('text');
    first.addText('first');
    const parameter = first.toParameter();
    expect(readBack(['other', 'text'])).toEqual(['other', 'text']);
    expect(elementsOf(parameter).map(String)).toEqual(['first']);
  });
});
