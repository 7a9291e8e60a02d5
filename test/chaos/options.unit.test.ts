import { describe, expect, it } from '@jest/globals';
import { parseOptions } from '../../src/chaos/options.js';

describe('the options of chaos', () => {
  it('takes a seed of chance where none is given', () => {
    expect(parseOptions(['--minutes', '5'], 77)).toEqual({
      kind: 'run',
      options: {
        seed: 77,
        plan: { kind: 'seeded', minutes: 5 },
        nodes: 200,
        actionsPerSecond: 5,
        quietWithinMs: 180_000,
        jsonFile: undefined,
        keep: false,
      },
    });
  });

  it('takes the plan of CI, and all that can be set', () => {
    const args = [
      '--plan',
      'ci',
      '--seed',
      '0',
      '--nodes',
      '10',
      '--rate',
      '0.5',
      '--quiet-within',
      '20',
      '--json',
      'f',
      '--keep',
    ];
    expect(parseOptions(args, 1)).toEqual({
      kind: 'run',
      options: {
        seed: 0,
        plan: { kind: 'ci' },
        nodes: 10,
        actionsPerSecond: 0.5,
        quietWithinMs: 20_000,
        jsonFile: 'f',
        keep: true,
      },
    });
  });

  it('takes the plan of kills', () => {
    expect(parseOptions(['--plan', 'kills'], 1)).toMatchObject({ kind: 'run', options: { plan: { kind: 'kills' } } });
  });

  it('tells of help before all else', () => {
    expect(parseOptions(['--help', '--minutes', 'x'], 1)).toEqual({ kind: 'help' });
  });

  it.each([
    [[], ['--minutes is missing: how long are faults to go on? (or --plan ci, --plan kills)']],
    [['--minutes', '1', '--plan', 'ci'], ['--minutes: --plan has its own length']],
    [['--plan', 'nightly'], ['--plan nightly: there are ci and kills']],
    [
      ['--minutes', '0', '--nodes', '5'],
      ['--minutes 0: expected a number from 0.1 to 1440', '--nodes 5: expected a whole number from 10 to 20000'],
    ],
    [['--minutes', '1', '--seed', '1.5'], ['--seed 1.5: expected a whole number from 0 to 4294967295']],
    [['--minutes', ''], ['--minutes : expected a number from 0.1 to 1440']],
  ])('refuses %j, saying why', (args, problems) => {
    expect(parseOptions(args, 1)).toEqual({ kind: 'refused', problems });
  });

  it('refuses what it does not know', () => {
    expect(parseOptions(['--minute', '1'], 1)).toMatchObject({ kind: 'refused' });
  });
});
