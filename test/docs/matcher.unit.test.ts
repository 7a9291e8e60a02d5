import { describe, expect, it } from '@jest/globals';
import { blocksOf, exchangesOf } from './markdown.js';
import { differences } from './matcher.js';

const json = (documented: unknown, answered: unknown) =>
  differences({ language: 'json', text: JSON.stringify(documented, null, 2) }, JSON.stringify(answered));
const text = (documented: string, answered: string) => differences({ language: 'text', text: documented }, answered);
const http = (documented: string, answered: string) => differences({ language: 'http', text: documented }, answered);

const DOCUMENTED = { id: '…', at: 'on …T…Z', items: [{ state: 'active', tags: ['a'] }], count: 1, none: null };
const answer = (changes: object = {}) => ({
  count: 1,
  none: null,
  items: [{ tags: ['a'], state: 'active' }],
  at: 'on 2026-11-21T09:00:00.000Z',
  id: 'f7',
  ...changes,
});

describe('an answer in JSON', () => {
  it('is the documented one whatever the order of its keys, and where … stands', () => {
    expect(json(DOCUMENTED, answer())).toEqual([]);
    expect(json('…', null)).toEqual([]);
  });

  it.each([
    ['another value', { count: 2 }, 'count: documented 1, answered 2'],
    ['another type', { count: '1' }, 'count: documented 1, answered "1"'],
    ['a value for null', { none: 0 }, 'none: documented null, answered 0'],
    ['a field more', { more: true }, 'more: not documented, answered true'],
    ['a field less', { id: undefined }, 'id: documented "…", not answered'],
    ['an item more', { items: [] }, 'items: documented [{"state":"active","tags":["a"]}], answered []'],
    ['a nested value', { items: [{ state: 'active', tags: ['b'] }] }, 'items[0].tags[0]: documented "a", answered "b"'],
    ['a text that does not fit', { at: 'at 2026' }, 'at: documented "on …T…Z", answered "at 2026"'],
    ['an object for a list', { items: {} }, 'items: documented [{"state":"active","tags":["a"]}], answered {}'],
  ])('with %s is different', (_, changes, difference) => {
    expect(json(DOCUMENTED, answer(changes))).toEqual([difference]);
  });

  it('that is none is different', () => {
    expect(differences({ language: 'json', text: '{}' }, 'curl: (7)')).toEqual([
      'documented JSON, answered: curl: (7)',
    ]);
  });
});

describe('an answer in text', () => {
  it('is the documented one where … stands for a part of a line, or for lines', () => {
    expect(text('a … c\n…\nz', 'a b c\n1\n2\nz\n')).toEqual([]);
    expect(text('a\n…\nz', 'a\nz')).toEqual([]);
    expect(text('a\n…', 'a\nb\nc')).toEqual([]);
    expect(text('[x] (1.0)', '[x] (1.0)')).toEqual([]);
  });

  it('is different otherwise', () => {
    expect(text('a … c', 'a\nb c')).toHaveLength(1);
    expect(text('a\n…\nz', 'a\nb')).toHaveLength(1);
    expect(text('1.0', '1x0')).toHaveLength(1);
    expect(text('a', 'a\nb')).toHaveLength(1);
  });
});

describe('an answer with its head', () => {
  const CREATED = 'HTTP/1.1 201 Created\nLocation: /v1/nodes/…\n\n{ "ok": true }';
  const answered = (status: string, place: string, ok: boolean) =>
    `HTTP/1.1 ${status}\r\ncontent-length: 9\r\nlocation: ${place}\r\n\r\n{"ok":${ok}}`;

  it('may have more headers than are documented', () => {
    expect(http(CREATED, answered('201 Created', '/v1/nodes/a', true))).toEqual([]);
  });

  it('is different by its status, a header, its body', () => {
    expect(http(CREATED, answered('202 Accepted', '/v1/operations/a', false))).toEqual([
      'status: documented "HTTP/1.1 201 Created", answered "HTTP/1.1 202 Accepted"',
      'header "Location: /v1/nodes/…": documented, not answered',
      'ok: documented true, answered false',
    ]);
  });
});

describe('a page', () => {
  const PAGE = ['# One', '```sh', 'a', '```', '## Two', '```sh', 'b', 'c', '```', 'gives', '```json', '{}', '```'].join(
    '\n',
  );

  it('is read as commands with their answers, named by heading and line', () => {
    expect(exchangesOf(blocksOf(PAGE))).toEqual([
      { name: 'One (line 2)', commands: 'a', answer: null },
      { name: 'Two (line 6)', commands: 'b\nc', answer: { language: 'json', text: '{}', heading: 'Two', line: 11 } },
    ]);
  });

  it('with a block that has no end is refused', () => {
    expect(() => blocksOf('```sh\na')).toThrow('the block in line 1 has no end');
  });
});
