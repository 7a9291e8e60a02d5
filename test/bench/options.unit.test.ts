import { describe, expect, it } from '@jest/globals';
import { parseOptions } from '../../src/bench/options.js';
import { scenariosFor } from '../../src/bench/scenarios/index.js';

const ENV = {
  KAFKA_BROKERS: '127.0.0.1:9092, 127.0.0.1:9093',
  CONSUL_HTTP_ADDR: '127.0.0.1:8500',
  DATABASE_URL: 'postgres://p@127.0.0.1:5432/r',
};
const NAMES = ['yardsticks', 'registrations', 'soak'];

const parse = (...args: string[]) => parseOptions(args, ENV, NAMES);
const problemsOf = (args: string[], env: Record<string, string> = ENV): readonly string[] => {
  const parsed = parseOptions(args, env, NAMES);
  return parsed.kind === 'refused' ? parsed.problems : [];
};

describe('options of the bench', () => {
  it('measures in full into the docs', () => {
    expect(parse()).toEqual({
      kind: 'run',
      options: {
        quick: false,
        rounds: 5,
        windowSeconds: 60,
        outstanding: 1000,
        soakMinutes: 30,
        only: undefined,
        profile: false,
        output: 'docs/benchmarks',
        json: false,
        program: undefined,
        servers: {
          brokers: ['127.0.0.1:9092', '127.0.0.1:9093'],
          consulUrl: 'http://127.0.0.1:8500',
          databaseUrl: 'postgres://p@127.0.0.1:5432/r',
        },
      },
    });
  });

  it('leaves the docs alone in a hurry', () => {
    const parsed = parse('--quick');
    expect(parsed).toMatchObject({ kind: 'run', options: { quick: true, rounds: 2, windowSeconds: 10 } });
    expect(parsed.kind === 'run' && parsed.options.output).not.toContain('docs');
  });

  it('takes every option', () => {
    const args = ['--quick', '--rounds', '3', '--seconds', '20', '--minutes', '5', '--only', 'soak, registrations'];
    expect(
      parse(...args, '--output', 'x', '--outstanding', '7', '--json', '--profile', '--program', import.meta.filename),
    ).toMatchObject({
      options: {
        rounds: 3,
        windowSeconds: 20,
        soakMinutes: 5,
        only: ['soak', 'registrations'],
        output: 'x',
        outstanding: 7,
        json: true,
        profile: true,
        program: import.meta.filename,
      },
    });
  });

  it('helps', () => {
    expect(parse('--help', '--rounds', 'x').kind).toBe('help');
  });

  it('tells of every mistake at once', () => {
    const args = [
      '--rounds',
      '0',
      '--seconds',
      '1.5',
      '--minutes',
      '',
      '--only',
      'sprint',
      '--program',
      '/nowhere/main.js',
    ];
    expect(problemsOf(args, { KAFKA_BROKERS: 'kafka', DATABASE_URL: 'http://[' })).toEqual([
      '--only sprint: there are yardsticks, registrations, soak',
      '--program /nowhere/main.js: there is no such file',
      '--rounds 0: expected a whole number from 1 to 100',
      '--seconds 1.5: expected a whole number from 1 to 3600',
      '--minutes : expected a whole number from 1 to 1440',
      'KAFKA_BROKERS has to be host:port of one or more brokers, separated by commas',
      'CONSUL_HTTP_ADDR has to be a URL such as http://127.0.0.1:8500: it is not set',
      'DATABASE_URL has to be a URL such as postgres://user@127.0.0.1:5432/rollcall',
    ]);
  });

  it('knows no other option', () => {
    expect(problemsOf(['--fast'])[0]).toContain("'--fast'");
  });
});

describe('the scenarios that run', () => {
  const namesFor = (...args: string[]): readonly string[] => {
    const parsed = parseOptions(args, ENV, ['profile', 'reads', 'soak']);
    return parsed.kind === 'run' ? scenariosFor(parsed.options).map(({ name }) => name) : [];
  };

  it('are all but the profile, and in a hurry not the long ones', () => {
    expect(namesFor()).toEqual([
      'yardsticks',
      'registrations',
      'latencies',
      'heartbeats',
      'large-fleet',
      'reads',
      'scale-out',
      'soak',
    ]);
    expect(namesFor('--quick')).toEqual(namesFor().slice(0, -2));
  });

  it('are those that are asked for', () => {
    expect(namesFor('--quick', '--only', 'soak')).toEqual(['soak']);
    expect(namesFor('--only', 'profile')).toEqual(['profile']);
    expect(namesFor('--only', 'reads', '--profile')).toEqual(['profile', 'reads']);
    expect(namesFor('--profile')).toHaveLength(9);
  });
});
