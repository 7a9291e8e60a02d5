import { describe, expect, it } from '@jest/globals';
import { parseOptions } from '../../src/replay/options.js';

describe('the command line of replay', () => {
  it.each<[string, object]>([
    ['--verify', { verify: true, from: undefined, nodeId: undefined, json: false }],
    ['--verify --from a.gz --node n-1 --json', { verify: true, from: 'a.gz', nodeId: 'n-1', json: true }],
    ['--export a.jsonl --node n-1', { verify: false, to: 'a.jsonl', nodeId: 'n-1', json: false }],
  ])('%s', (line, wanted) => {
    expect(parseOptions(line.split(' '))).toEqual({ ok: true, wanted });
  });

  it('helps, whatever else is said', () => {
    expect(parseOptions(['--help', '--verify', '--export', 'x'])).toEqual({ ok: true, wanted: 'help' });
  });

  it.each<[string, string]>([
    ['', 'say what to do'],
    ['--json', 'say what to do'],
    ['--verify --export a', 'are two commands'],
    ['--export a --from b', '--from says what to --verify'],
    ['--verify --node ../x', 'no id of a node'],
    ['--verify --from=', 'the name of a file is empty'],
  ])('"%s" is refused', (line, problem) => {
    const parsed = parseOptions(line.split(' ').filter((word) => word !== ''));
    expect(parsed).toEqual({ ok: false, problems: [expect.stringContaining(problem)] });
  });

  it('knows no other options', () => {
    expect(() => parseOptions(['--verfiy'])).toThrow(/Unknown option '--verfiy'/);
  });
});
