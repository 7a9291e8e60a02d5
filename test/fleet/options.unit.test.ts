import { describe, expect, it } from '@jest/globals';
import { NODE_ID_PATTERN } from '../../src/messages/index.js';
import { parseOptions } from '../../src/fleet/options.js';
import { nodeIdOf } from '../../src/fleet/simulated-node.js';

const ENV = { KAFKA_BROKERS: '127.0.0.1:29092, 127.0.0.1:29093' };
const parse = (line: string, env: Record<string, string> = ENV) => parseOptions(line.split(' '), env, 'run1');

describe('the arguments of fleet', () => {
  it('have defaults', () => {
    expect(parse('--nodes 500')).toEqual({
      kind: 'run',
      options: {
        nodes: 500,
        rate: undefined,
        prefix: 'fleet-run1',
        freshIds: true,
        duplicate: false,
        verify: false,
        timeoutMs: 60_000,
        json: false,
        heartbeatsMs: 0,
        transport: { kind: 'kafka', brokers: ['127.0.0.1:29092', '127.0.0.1:29093'], topicPrefix: 'dev.onex' },
      },
    });
  });

  it('can all be given', () => {
    const line =
      '--nodes 5 --rate 0.5 --transport kafka --prefix mine --duplicate --verify --timeout 3 --heartbeats 2.5 --sign fleet.pem --json';
    expect(parse(line, { ...ENV, TOPIC_PREFIX: 'test' })).toMatchObject({
      options: { rate: 0.5, prefix: 'mine', freshIds: false, duplicate: true, verify: true, timeoutMs: 3000, json: true, heartbeatsMs: 2500, signWith: 'fleet.pem', transport: { topicPrefix: 'test' } }, // prettier-ignore
    });
    expect(parse('--help')).toEqual({ kind: 'help' });
  });

  it.each([
    ['--rate 5', /--nodes is missing/],
    ['--nodes 0', /--nodes 0: expected a whole number from 1/],
    ['--nodes 1.5', /--nodes 1.5/],
    ['--nodes many', /--nodes many/],
    ['--nodes 1 --rate 0', /--rate 0/],
    ['--nodes 1 --timeout x', /--timeout x/],
    ['--nodes 1 --transport pigeon', /--transport pigeon: expected kafka or http/],
    ['--nodes 1 --heartbeats 0', /--heartbeats 0/],
    ['--nodes 1 --transport http --url 127.0.0.1:3000', /--url 127.0.0.1:3000: expected a URL such as http/],
    ['--nodes 1 --transport http --url ftp://host', /--url ftp/],
    ['--nodes 1 --transport kafka --url http://host', /--url: only --transport http/],
    ['--nodes 1 --prefix -x', /prefix/],
    ['--nodes 1 --prefix ä', /--prefix ä/],
    ['--nodes 1 --fast', /--fast/],
    ['--nodes 1 more', /more/],
  ])('refuse %s', (line, problem) => {
    expect(parse(line)).toEqual({ kind: 'refused', problems: [expect.stringMatching(problem)] });
  });

  it('are refused with every problem at once', () => {
    expect(parse('--nodes 0 --rate 0 --timeout 0')).toMatchObject({ problems: { length: 3 } });
  });

  it('without brokers name the commands that bring them up', () => {
    const problems = [expect.stringMatching(/npm run stack -- up[^]*eval "\$\(npm run --silent stack -- env\)"/)];
    expect(parse('--nodes 1 --transport kafka', {})).toEqual({ kind: 'refused', problems });
  });

  it.each([
    ['--nodes 1', {}, 'http://127.0.0.1:3000'],
    ['--nodes 1', { ROLLCALL_URL: 'https://registry/rollcall' }, 'https://registry/rollcall'],
    ['--nodes 1 --url http://a:1', { ...ENV, ROLLCALL_URL: 'http://b' }, 'http://a:1'],
    ['--nodes 1 --transport http', ENV, 'http://127.0.0.1:3000'],
  ])('%s of %j go to the registry itself', (line, env, url) => {
    expect(parse(line, env)).toMatchObject({ kind: 'run', options: { transport: { kind: 'http', url } } });
  });

  it('name a broken ROLLCALL_URL', () => {
    const problems = [expect.stringMatching(/^ROLLCALL_URL here: expected a URL/)];
    expect(parse('--nodes 1', { ROLLCALL_URL: 'here' })).toEqual({ kind: 'refused', problems });
  });
});

it('node ids are valid, and not of the form that gets a hash in Consul', () => {
  for (const index of [0, 999_999]) {
    expect(nodeIdOf('fleet-x', index)).toMatch(NODE_ID_PATTERN);
    expect(nodeIdOf('fleet-x', index)).not.toMatch(/-[0-9a-f]{8}$/);
  }
});
