import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callTreeOf, type Call } from '../../src/bench/profile/call-tree.js';
import type { CpuProfile } from '../../src/bench/profile/cpu-profile.js';
import { flameGraph } from '../../src/bench/profile/flame-graph.js';
import { flamesOf } from '../../src/bench/profile/flames.js';
import { GROUP_NAMES, groupOf } from '../../src/bench/profile/groups.js';
import { placesIn, placeText, type Place } from '../../src/bench/profile/place.js';
import { selfTimeOf } from '../../src/bench/profile/self-time.js';
import { problemIn } from './well-formed.js';

const FOLDER = '/app/dist';
const OWN = 'file:///app/dist';
const at = (functionName: string, url = '') => ({ functionName, url, lineNumber: 4, columnNumber: 2 });

/** Two paths to the same socket; `step` was called from two nodes that stand for the same place. In milliseconds: 2 + 1, 4, 3, 5, 10, 6. */
const PROFILE: CpuProfile = {
  nodes: [
    { id: 1, callFrame: at('(root)'), children: [2, 3, 4, 5, 6, 7] },
    { id: 2, callFrame: at('step', `${OWN}/runtime/lanes/decide-batch.js`), children: [8] },
    { id: 3, callFrame: at('step', `${OWN}/runtime/lanes/decide-batch.js`) },
    { id: 4, callFrame: at('(garbage collector)') },
    { id: 5, callFrame: at('(idle)') },
    { id: 6, callFrame: at('(program)') },
    { id: 7, callFrame: at('', 'file:///app/node_modules/kafkajs/src/network/connection.js'), children: [9] },
    { id: 8, callFrame: at('stringify') },
    { id: 9, callFrame: at('write', 'node:net'), children: [10] },
    { id: 10, callFrame: at('writev') },
  ],
  samples: [2, 3, 8, 4, 10, 5, 6, 5],
  timeDeltas: [500, 2000, 1000, 4000, 3000, 5000, 10_000, 6000],
};

const tree = callTreeOf(PROFILE, placesIn(FOLDER));
const found = (call: Call, ...path: readonly string[]): Call | undefined =>
  path.reduce<Call | undefined>((one, name) => one?.calls.find((inner) => inner.name === name), call);

describe('a CPU profile', () => {
  it('becomes one call for each function and path, with its time, the longest first', () => {
    expect(
      tree.root.calls.map(({ name, place, group, selfMs, totalMs }) => [name, place, group, selfMs, totalMs]),
    ).toEqual([
      ['step', 'runtime/lanes/decide-batch.js:5', 'deciding', 3, 7],
      ['(anonymous)', 'kafkajs/src/network/connection.js:5', 'kafkajs', 0, 5],
      ['(garbage collector)', 'native', 'garbage collection', 3, 3],
    ]);
    expect(found(tree.root, 'step', 'stringify')).toMatchObject({ group: 'deciding', selfMs: 4 });
    expect(found(tree.root, '(anonymous)', 'write')).toMatchObject({
      group: 'kafkajs',
      selfMs: 0,
      place: 'node:net:5',
    });
    expect(found(tree.root, '(anonymous)', 'write', 'writev')).toMatchObject({ group: 'socket writes', selfMs: 5 });
  });

  it('leaves what is idle, or not JavaScript, beside', () => {
    expect(tree).toMatchObject({ root: { totalMs: 15 }, idleMs: 10, programMs: 6 });
  });

  it('whose clock stepped back takes nothing from anybody', () => {
    const back = { ...PROFILE, timeDeltas: PROFILE.timeDeltas.map((delta, index) => (index === 2 ? -7 : delta)) };
    expect(found(callTreeOf(back, placesIn(FOLDER)).root, 'step')?.selfMs).toBe(2);
  });

  it.each([
    ['no nodes', { nodes: [], samples: [], timeDeltas: [] }],
    ['node 99', { ...PROFILE, samples: [99] }],
    ['no node 44', { ...PROFILE, nodes: [{ id: 1, callFrame: at('(root)'), children: [44] }], samples: [] }],
  ])('that is none is refused: %s', (reason, profile) => {
    expect(() => callTreeOf(profile, placesIn(FOLDER))).toThrow(reason);
  });
});

describe('self time', () => {
  const { groups, elsewhere, functions } = selfTimeOf(tree, { main: 4.2, sampling: 0.5, all: 5 }, 2000);

  it('is told by group: per cents of the samples, and the CPU of the thread divided by them', () => {
    const told = groups.filter(({ percent }) => percent > 0);
    expect(told.map(({ name }) => name)).toEqual(['garbage collection', 'socket writes', 'deciding']);
    expect(told.map(({ percent }) => percent)).toEqual([20, 100 / 3, 700 / 15].map((value) => expect.closeTo(value)));
    // 21 ms of the thread that were not idle stand for 4.2 s of 2,000 operations.
    expect(told.map((one) => one.cpuPerThousand)).toEqual([0.3, 0.5, 0.7].map((value) => expect.closeTo(value)));
    expect(groups.map(({ name }) => name)).toEqual(GROUP_NAMES);
  });

  it('has beside it what is not JavaScript, and adds up to the process', () => {
    expect(elsewhere.program).toBeCloseTo(0.6);
    expect(elsewhere.sampling).toBeCloseTo(0.25);
    expect(elsewhere.otherThreads).toBeCloseTo(0.15);
    const sum = groups.reduce((all, one) => all + one.cpuPerThousand, elsewhere.program + elsewhere.otherThreads);
    expect(sum + elsewhere.sampling).toBeCloseTo((5 / 2000) * 1000);
  });

  it('is told by function, the most first', () => {
    expect(functions.slice(0, 3)).toEqual([
      { name: 'writev', place: 'native, for kafkajs', group: 'socket writes', percent: expect.closeTo(33.33) },
      { name: 'stringify', place: 'native, for deciding', group: 'deciding', percent: expect.closeTo(26.67) },
      { name: 'step', place: 'runtime/lanes/decide-batch.js:5', group: 'deciding', percent: expect.closeTo(20) },
    ]);
  });

  it('of nothing is nothing', () => {
    const nothing = callTreeOf({ ...PROFILE, samples: [], timeDeltas: [] }, placesIn(FOLDER));
    const none = selfTimeOf(nothing, { main: 0, sampling: 0, all: 0 }, 1);
    expect(none.groups.every(({ percent, cpuPerThousand }) => percent === 0 && cpuPerThousand === 0)).toBe(true);
  });
});

describe('groups', () => {
  const own = (path: string): Place => ({ kind: 'own', path, line: 1 });
  const bought = (path: string): Place => ({ kind: 'package', path, line: 1 });
  it.each([
    [own('orchestrator/decide.ts'), 'deciding'],
    [own('reducer/reduce.ts'), 'deciding'],
    [own('runtime/lanes/local-delivery.ts'), 'copies and local delivery'],
    [own('runtime/lanes/step-loop.ts'), 'lanes and step loop'],
    [own('runtime/lanes/intake.ts'), 'encoding and decoding'],
    [own('messages/codec.ts'), 'encoding and decoding'],
    [own('runtime/journal/write-batch.ts'), 'journal parameters'],
    [own('runtime/kafka/publisher.ts'), 'kafkajs'],
    [own('registry-effect/postgres/upsert-registrations.ts'), 'pg'],
    [own('registry-effect/consul/operations.ts'), 'undici and Consul'],
    [own('api/rest/nodes.ts'), 'rest'],
    [bought('kafkajs/src/index.js'), 'kafkajs'],
    [bought('pg-protocol/dist/serializer.js'), 'pg'],
    [bought('undici/lib/core/request.js'), 'undici and Consul'],
    [bought('pino/pino.js'), 'rest'],
    [{ kind: 'node', path: 'node:internal/deps/undici/undici', line: 1 } satisfies Place, 'undici and Consul'],
    [{ kind: 'node', path: 'node:events', line: 1 } satisfies Place, 'pg'],
    [{ kind: 'native', path: '', line: 0 } satisfies Place, 'pg'],
  ])('%j, called by pg, is %s', (place, group) => {
    expect(groupOf('work', place, 'pg')).toBe(group);
  });
});

describe('places', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'rollcall-places-'));
    // Line 1, column 0 of the built file is line 8 of the source.
    writeFileSync(join(folder, 'lane.js.map'), JSON.stringify({ version: 3, sources: ['lane.ts'], names: [], mappings: 'AAOA' })); // prettier-ignore
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const frame = (url: string) => ({ functionName: 'f', url, lineNumber: 0, columnNumber: 0 });

  it('are those of the sources where there is a map', () => {
    const placeOf = placesIn(folder);
    expect(placeText(placeOf(frame(pathToFileURL(join(folder, 'lane.js')).href)))).toBe('lane.ts:8');
    expect(placeText(placeOf(frame(pathToFileURL(join(folder, 'other.js')).href)))).toBe('other.js:1');
  });

  it('are told of packages by their names, wherever these are', () => {
    const url = 'file:///app/dist/node_modules/a/node_modules/@scope/b/index.js';
    expect(placesIn(FOLDER)(frame(url))).toEqual({ kind: 'package', path: '@scope/b/index.js', line: 1 });
  });
});

describe('the flame graph', () => {
  it('has each call above its caller, and inside its width', () => {
    const flames = flamesOf(tree.root);
    expect(flames.map(({ call, depth, start, percent }) => [call.name, depth, start * 15, percent * 0.15])).toEqual(
      (
        [
          ['all', 0, 0, 15],
          ['step', 1, 0, 7],
          ['stringify', 2, 0, 4],
          ['(anonymous)', 1, 7, 5],
          ['write', 2, 7, 5],
          ['writev', 3, 7, 5],
          ['(garbage collector)', 1, 12, 3],
        ] as const
      ).map(([name, depth, start, time]) => [name, depth, expect.closeTo(start), expect.closeTo(time)]),
    );
  });

  it('leaves out what nobody could see', () => {
    const call = (name: string, totalMs: number, calls: readonly Call[] = []): Call => ({ name, place: 'a:1', group: 'rest', selfMs: 0, totalMs, calls }); // prettier-ignore
    const names = flamesOf(call('all', 10_000, [call('wide', 9991, [call('inner', 9)]), call('thin', 9)]));
    expect(names.map(({ call: { name } }) => name)).toEqual(['all', 'wide']);
  });

  const text = flameGraph('Where <time> & "CPU" goes', tree.root);

  it('is well-formed, and says what, where and how much', () => {
    expect(problemIn(text)).toBeUndefined();
    expect(text).toContain('Where &lt;time&gt; &amp; &quot;CPU&quot; goes');
    expect(text).toContain('<title>step (runtime/lanes/decide-batch.js:5): 46.7 %</title>');
    for (const group of GROUP_NAMES) expect(text).toContain(`>${group}</text>`);
    expect(text).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('stays on its paper', () => {
    const height = Number(/viewBox="0 0 1200 (\d+)"/.exec(text)?.[1]);
    const boxes = [...text.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="([\d.]+)"/g)];
    expect(boxes).toHaveLength(GROUP_NAMES.length + 7);
    for (const [, x, y, width, tall] of boxes) {
      expect(Number(x) + Number(width)).toBeLessThanOrEqual(1190);
      expect(Number(y) + Number(tall)).toBeLessThanOrEqual(height);
    }
  });

  it('of nothing is one empty frame', () => {
    const nothing = callTreeOf({ ...PROFILE, samples: [], timeDeltas: [] }, placesIn(FOLDER));
    expect(flameGraph('Idle', nothing.root)).not.toMatch(/NaN|Infinity/);
  });
});
