import { describe, expect, it } from '@jest/globals';
import { OptionsError, type JoinOptions } from '../../src/client/sdk.js';
import { settle } from '../../src/client/settled.js';
import { MAX_VALUE_BYTES } from '../../src/messages/index.js';

const GOOD: JoinOptions = { nodeId: 'n-1', nodeType: 'effect', registry: { url: 'http://127.0.0.1:3000' } };
const NOW = 1_795_251_600_000;

function mistakes(options: object): readonly string[] {
  try {
    settle({ ...GOOD, ...options }, NOW);
    return [];
  } catch (error) {
    if (error instanceof OptionsError) return error.mistakes;
    throw error;
  }
}

describe('the options of a node', () => {
  it('need an id, a type and a place, and say the rest', () => {
    const { description, signals, goodbyeWithinMs, node, registry } = settle(GOOD, NOW);
    expect(description).toEqual({
      nodeId: 'n-1',
      nodeType: 'effect',
      nodeVersion: '1.0.0',
      capabilities: {},
      endpoints: {},
      metadata: {},
      reason: 'startup',
      incarnation: NOW,
    });
    expect({ signals, goodbyeWithinMs, node, registry }).toEqual({
      signals: true,
      goodbyeWithinMs: 5000,
      node: { nodeId: 'n-1', nodeType: 'effect' },
      registry: GOOD.registry,
    });
  });

  it('are said as the wire wants them', () => {
    const { description } = settle(
      {
        ...GOOD,
        nodeVersion: '2.1.0-rc.1',
        capabilities: ['a', 'b'],
        endpoints: ['http://h:1', 'http://h:2'],
        metadata: { since: new Date(0), nothing: undefined },
        healthEndpoint: 'http://h:1/health',
        incarnation: 7,
      },
      NOW,
    );
    expect(description).toMatchObject({
      nodeVersion: '2.1.0-rc.1',
      capabilities: { a: true, b: true },
      endpoints: { api: 'http://h:1', 'api-2': 'http://h:2' },
      metadata: { since: '1970-01-01T00:00:00.000Z' },
      healthEndpoint: 'http://h:1/health',
      incarnation: 7,
    });
  });

  it.each([
    [{ kafka: { brokers: ['a:9092'] } }],
    [{ kafka: { brokers: ['a:9092', '[::1]:9092'], topicPrefix: 'x', ssl: true } }],
    [
      {
        kafka: { brokers: ['a:9092'], ssl: { ca: 'pem' }, sasl: { mechanism: 'plain', username: 'u', password: 'p' } },
      },
    ],
    [{ kafka: { brokers: ['a:9092'], sasl: { mechanism: 'oauthbearer', oauthBearerProvider: () => ({}) } } }],
    [{ url: 'https://rollcall.example/behind/a/path', token: 'abc' }],
    [{ url: 'http://127.0.0.1:3000', token: () => 'abc' }],
  ])('take %j as the registry', (registry) => {
    expect(mistakes({ registry })).toEqual([]);
  });

  it('name every mistake at once, with what was expected and what was given', () => {
    const found = mistakes({
      nodeId: 'a b',
      nodeType: 'effects',
      nodeVersion: '1',
      capabilities: 'invoices',
      endpoints: { api: 'not a URL' },
      metadata: [1],
      healthEndpoint: 'nowhere',
      incarnation: -1,
      ready: true,
      signals: 'yes',
      goodbyeWithinMs: 0.5,
      on: { active: 1 },
      nodeID: 'n-1',
      registry: { kafka: { brokers: ['localhost'], sasl: { mechanism: 'plain', username: 'u', password: '' } } },
    });
    const names = found.map((text) => text.split(' ')[0]);
    expect(names.sort()).toEqual(
      ['nodeId', 'nodeType', 'nodeVersion', 'capabilities', 'endpoints', 'metadata', 'healthEndpoint', 'incarnation', 'ready', 'signals', 'goodbyeWithinMs', 'on', 'nodeID', 'registry.kafka.brokers', 'registry.kafka.sasl'].sort(), // prettier-ignore
    );
    expect(found).toEqual(
      expect.arrayContaining([
        'nodeType has to be one of effect, compute, reducer, orchestrator, not "effects"',
        'endpoints has to be a map of names to absolute URLs, or a list of them, not {"api":"not a URL"}',
        'nodeID is no option; is it misspelt?',
        'registry.kafka.brokers has to be a list of "host:port", at least one, not ["localhost"]',
      ]),
    );
  });

  it('are told in one error, for a person', () => {
    const wrong = () => settle({ nodeType: 'effect', registry: {} } as unknown as JoinOptions, NOW);
    expect(wrong).toThrow(OptionsError);
    expect(wrong).toThrow(
      'This node cannot join: 2 mistakes in its options\n' +
        '  - nodeId has to be 1-255 letters, digits, ".", "_" or "-", beginning with a letter or digit, not left out\n' +
        '  - registry has to be { url } of Rollcall, or { kafka: { brokers } } of the Kafka that it uses',
    );
  });

  it.each([
    [{ url: 'http://a', kafka: { brokers: ['a:1'] } }, 'registry'],
    [undefined, 'registry'],
    ['http://a', 'registry'],
    [{ url: 'ftp://a' }, 'registry.url'],
    [{ url: 'http://a', token: 'two words' }, 'registry.token'],
    [{ kafka: { brokers: [] } }, 'registry.kafka.brokers'],
    [{ kafka: { brokers: ['a:1'], topicPrefix: 'a b' } }, 'registry.kafka.topicPrefix'],
    [{ kafka: { brokers: ['a:1'], brokerz: [] } }, 'registry.kafka.brokerz'],
    [{ kafka: { brokers: ['a:1'], sasl: { mechanism: 'kerberos' } } }, 'registry.kafka.sasl'],
  ])('do not take %j as the registry', (registry, name) => {
    expect(mistakes({ registry }).map((text) => text.split(' ')[0])).toEqual([name]);
  });

  it('do not listen to what is never told', () => {
    expect(mistakes({ on: { vanished: () => undefined } })).toEqual(['on.vanished is no option; is it misspelt?']);
    expect(mistakes({ on: { lost: () => undefined, found: undefined } })).toEqual([]);
  });

  it('never print a secret', () => {
    const secret = 's3cr3t word';
    const kafka = { brokers: ['a:1'], sasl: { mechanism: 'plain', username: 'u', password: secret, more: secret } };
    expect(mistakes({ registry: { url: 'http://a', token: secret } })).toHaveLength(1);
    expect([...mistakes({ registry: { url: 'http://a', token: secret } }), ...mistakes({ registry: { kafka } })].join()).not.toContain('s3cr3t'); // prettier-ignore
  });

  it('cannot say what no backend takes', () => {
    const cycle: Record<string, unknown> = {};
    cycle['itself'] = cycle;
    let deep: object = {};
    for (let level = 0; level < 40; level += 1) deep = { deep };
    expect(mistakes({ metadata: cycle })).toEqual([
      expect.stringMatching(/^metadata has to be an object of JSON values/),
    ]);
    expect(mistakes({ capabilities: deep })).toEqual([expect.stringMatching(/^capabilities has to be .* 32 levels/)]);
    expect(mistakes({ capabilities: { big: 1n } })).toHaveLength(1);
    expect(mistakes({ metadata: { text: 'a\0b' } })).toEqual([expect.stringContaining('NUL')]);
    const long = { text: 'x'.repeat(MAX_VALUE_BYTES) };
    expect(mistakes({ metadata: long })).toEqual([expect.stringMatching(/at most 262144 are allowed/)]);
    expect(mistakes({ metadata: { text: 'x'.repeat(MAX_VALUE_BYTES - 1000) } })).toEqual([]);
  });
});
