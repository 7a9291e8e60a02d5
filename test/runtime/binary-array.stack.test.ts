import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { BinaryArray } from '../../src/runtime/journal/binary-array.js';
import { addressOf, describeStack } from '../support/stack.js';

describeStack('arrays in binary, as PostgreSQL reads them', ['postgres'], () => {
  let client: pg.Client;

  beforeAll(async () => {
    client = new pg.Client({ connectionString: addressOf('postgres') });
    await client.connect();
  });
  afterAll(() => client.end());

  async function back(type: string, array: BinaryArray): Promise<unknown> {
    const { rows } = await client.query<{ back: unknown }>(`select $1::${type}[] as back`, [array.toParameter()]);
    return rows[0]?.back;
  }

  it.each<[string, readonly (string | null)[]]>([
    ['plain', ['a', 'b']],
    ['nothing', []],
    ['null, and what looks like it', [null, 'NULL', '', null]],
    ['what an array of text would have to escape', ['{"a,b"}', '\\', '"', "'", ' ', '\n\t']],
    ['JSON', ['{ "b":1,"a" : [ 1e3, "\\u00fc", null ] }', '{"a":1,"a":2}']],
    ['beyond ASCII', ['ü', '漢字', '😀', '\u2028', '\uffff']],
    ['large', ['x'.repeat(1_000_000), 'ü'.repeat(300_000), '']],
    ['many', Array.from({ length: 5000 }, (_, index) => (index % 7 === 0 ? null : `node-${index}`))],
  ])('texts: %s', async (_, values) => {
    const array = new BinaryArray('text');
    for (const value of values) array.addText(value);
    expect(await back('text', array)).toEqual(values);
  });

  it('integers', async () => {
    const values = [0, -1, null, 2_147_483_647, -2_147_483_648];
    const array = new BinaryArray('int4');
    for (const value of values) array.addInteger(value);
    expect(await back('int4', array)).toEqual(values);
  });

  it('booleans', async () => {
    const values = [true, false, true];
    const array = new BinaryArray('bool');
    for (const value of values) array.addBoolean(value);
    expect(await back('bool', array)).toEqual(values);
  });
});
