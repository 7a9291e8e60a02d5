import { describe, expect, it } from '@jest/globals';
import { instanceQuery, passingOf, readQuery } from '../../src/api/catalog/consul-query.js';

const MINUTE = 60_000;

describe('a query in the way of Consul', () => {
  it.each([
    [{}, { index: 0, waitMs: 5 * MINUTE, pretty: false }],
    [
      { index: '7', wait: '10s' },
      { index: 7, waitMs: 10_000, pretty: false },
    ],
    [
      { index: '', wait: '' },
      { index: 0, waitMs: 5 * MINUTE, pretty: false },
    ],
    [{ wait: '1m30.5s' }, { index: 0, waitMs: 90_500, pretty: false }],
    [
      { wait: '250ms', pretty: '' },
      { index: 0, waitMs: 250, pretty: true },
    ],
    [{ wait: '1ns' }, { index: 0, waitMs: 1, pretty: false }],
    [{ wait: '2h' }, { index: 0, waitMs: 10 * MINUTE, pretty: false }],
    [
      { index: ['7', 'nonsense'], near: '_agent', stale: '', dc: 'dc1' },
      { index: 7, waitMs: 5 * MINUTE, pretty: false },
    ],
  ])('%j is %j', (query, expected) => {
    expect(readQuery(query)).toEqual(expected);
  });

  it.each([
    [{ index: 'abc' }, 'Invalid index'],
    [{ index: '-1' }, 'Invalid index'],
    [{ index: '18446744073709551616' }, 'Invalid index'],
    [{ wait: '10' }, 'Invalid wait time'],
    [{ wait: 'abc' }, 'Invalid wait time'],
    [{ wait: '1s'.repeat(1000) }, 'Invalid wait time'],
    [{ filter: 'Service == "x"' }, 'The embedded catalog does not support ?filter'],
    [{ 'node-meta': 'a:b' }, 'The embedded catalog does not support ?node-meta'],
    [{ stale: '', consistent: '' }, 'Cannot specify ?stale with ?consistent, conflicting semantics.'],
    [{ dc: 'elsewhere' }, 'No path to datacenter'],
    [{ tag: ['a', 'b\0'] }, 'Invalid query: null character'],
  ])('%j is refused: %s', (query, text) => {
    expect(() => readQuery(query)).toThrow(text);
  });

  it('looks for services and tags without case', () => {
    expect(instanceQuery('ONEX-Effect', { tag: 'CAP:A' })).toMatchObject({ service: 'onex-effect', tags: ['cap:a'] });
    expect(instanceQuery('x', { tag: ['a', 'B'] })).toMatchObject({ tags: ['a', 'b'] });
    expect(() => instanceQuery('', {})).toThrow('Missing service name');
    expect(() => instanceQuery('a\0', {})).toThrow('Invalid service name');
  });

  it.each([
    [{}, false],
    [{ passing: '' }, true],
    [{ passing: '1' }, true],
    [{ passing: 'true' }, true],
    [{ passing: '0' }, false],
    [{ passing: 'False' }, false],
  ])('%j asks for passing ones: %s', (query, expected) => {
    expect(passingOf(query)).toBe(expected);
  });

  it('refuses what is no truth value', () => {
    expect(() => passingOf({ passing: 'maybe' })).toThrow('Invalid value for ?passing');
  });
});
