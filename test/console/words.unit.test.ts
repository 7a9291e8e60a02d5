import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Gauge, Registry } from 'prom-client';
import { samplesOf, sumsBy } from '../../src/console/words/metrics.js';
import { counted, share, whole } from '../../src/console/words/numbers.js';
import { pathStates, stateText } from '../../src/console/words/states.js';
import { prettyText } from '../../src/console/words/json.js';
import { ago, duration, momentOf, toLocalField } from '../../src/console/words/time.js';
import { detailWords } from '../../src/console/words/details.js';
import { eventWords } from '../../src/console/words/events.js';
import { MESSAGE_TYPES } from '../../src/messages/index.js';

describe('times', () => {
  it.each([
    [850, '850 ms'],
    [42_900, '42 s'],
    [5 * 60_000, '5 min'],
    [3 * 3_600_000, '3 h'],
    [12 * 86_400_000, '12 d'],
  ])('%i ms are %s', (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it('are told from now', () => {
    const now = Date.parse('2026-11-21T10:00:00Z');
    expect(ago('2026-11-21T09:55:00Z', now)).toBe('5 min ago');
    expect(ago('2026-11-21T10:00:30Z', now)).toBe('in 30 s');
    expect(ago('2026-11-21T10:00:00.400Z', now)).toBe('now');
  });

  it('survive a field of a form', () => {
    const time = '2026-11-21T09:55:07.000Z';
    expect(momentOf(toLocalField(time))).toBe(time);
    expect([momentOf(''), momentOf('soon'), momentOf(null)]).toEqual([null, null, null]);
  });
});

it.each([
  [true, 'yes'],
  [[], 'none'],
  [['a', 'b'], 'a, b'],
  [null, '-'],
  [{ reason: 'too_many', entries: 12 }, 'reason too_many, entries 12'],
])('the detail %j is read as %s', (value, text) => {
  expect(detailWords(value)).toBe(text);
});

it('numbers have all their digits', () => {
  expect([whole(100_000), counted(1, 'node'), counted(2000, 'entry', 'entries')]).toEqual([
    '100,000',
    '1 node',
    '2,000 entries',
  ]);
});

it.each([
  [0, 10, '0%'],
  [1, 100_000, '< 1%'],
  [50, 100, '50%'],
  [99_999, 100_000, '> 99%'],
  [7, 7, '100%'],
  [0, 0, '0%'],
])('%i of %i are %s', (part, all, text) => {
  expect(share(part, all)).toBe(text);
});

it('states that are not known are shown as they are', () => {
  expect(stateText('active')).toMatchObject({ label: 'Active', tone: 'good' });
  expect(stateText('dreaming')).toMatchObject({ label: 'dreaming', tone: 'off' });
  expect(stateText('constructor').label).toBe('constructor');
  expect(pathStates('a > b > c')).toEqual(['a', 'b', 'c']);
  expect(pathStates('')).toEqual([]);
});

it('events that are not known have a name', () => {
  expect(eventWords('NODE_BECAME_ACTIVE')).toEqual({ text: 'Active', tone: 'good' });
  expect(eventWords('POSTGRES_REGISTRATION_UPSERTED').text).toBe('Postgres registration upserted');
});

it('names only events that exist', () => {
  const source = readFileSync(new URL('../../src/console/words/events.ts', import.meta.url), 'utf8');
  const named = [...source.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name]) => name);
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter((name) => !(MESSAGE_TYPES as readonly string[]).includes(name ?? ''))).toEqual([]);
});

it('JSON is indented, and other text left alone', () => {
  expect(prettyText('{"a":1}')).toBe('{\n  "a": 1\n}');
  expect(prettyText('{"a":')).toBe('{"a":');
});

it('metrics are read as Prometheus writes them', async () => {
  const registry = new Registry();
  const lag = new Gauge({
    name: 'lag',
    help: 'x "y" {z}',
    labelNames: ['group', 'topic', 'partition'],
    registers: [registry],
  });
  lag.set({ group: 'a', topic: 't', partition: '0' }, 3);
  lag.set({ group: 'a', topic: 't', partition: '1' }, 4);
  lag.set({ group: 'b "q" \\ \n}', topic: 't', partition: '0' }, 100);
  lag.set({ group: 'a', topic: 's', partition: '0' }, 7);
  new Gauge({ name: 'other', help: 'x', registers: [registry] }).set(5);
  const samples = samplesOf(await registry.metrics(), new Set(['lag']));
  expect(sumsBy(samples, ['group', 'topic'])).toEqual([
    { of: ['b "q" \\ \n}', 't'], sum: 100 },
    { of: ['a', 's'], sum: 7 },
    { of: ['a', 't'], sum: 7 },
  ]);
  expect(samplesOf(await registry.metrics(), new Set(['other']))).toEqual([{ name: 'other', labels: {}, value: 5 }]);
});

/** WCAG 2.2, 1.4.3 and 1.4.11. */
describe('colours', () => {
  const css = readFileSync(new URL('../../src/console/styles/tokens.css', import.meta.url), 'utf8');
  const pairs = new Map(
    [...css.matchAll(/--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)/g)].map(([, name = '', light = '', dark = '']) => [
      name,
      { light, dark },
    ]),
  );
  const luminance = (hex: string): number => {
    const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (a: string, b: string): number => {
    const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const TONES = ['good', 'wait', 'bad', 'off', 'info'];
  const GROUNDS = ['ground', 'surface', 'sunken', 'hover'];
  const cases = [
    ...['text', 'muted', 'accent', ...TONES].flatMap((name) => GROUNDS.map((ground) => [name, ground, 4.5] as const)),
    ...TONES.flatMap((tone) => [[tone, `${tone}-soft`, 4.5] as const, ['text', `${tone}-soft`, 4.5] as const]),
    ['on-accent', 'accent', 4.5] as const,
    ['accent', 'accent-soft', 4.5] as const,
    ['text', 'accent-soft', 4.5] as const,
    ['muted', 'accent-soft', 4.5] as const,
    ['on-danger', 'danger', 4.5] as const,
    ['danger', 'surface', 4.5] as const,
    ['line-strong', 'surface', 3] as const,
  ];

  it.each(cases)('%s on %s can be read', (name, ground, least) => {
    const [front, back] = [pairs.get(name), pairs.get(ground)];
    if (front === undefined || back === undefined) throw new Error(`no such colours: ${name}, ${ground}`);
    expect(contrast(front.light, back.light)).toBeGreaterThanOrEqual(least);
    expect(contrast(front.dark, back.dark)).toBeGreaterThanOrEqual(least);
  });
});
