import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Counts } from '../driver/closed-loop.js';
import { Handshakes } from '../load/handshakes.js';
import { registerPaced } from '../load/paced-fleet.js';
import { NO_HEARTBEATS_DUE } from '../load/registration-window.js';
import { until } from '../load/until.js';
import { callTreeOf } from '../profile/call-tree.js';
import { flameGraph } from '../profile/flame-graph.js';
import { placesIn } from '../profile/place.js';
import type { Sampled } from '../profile/sampler.js';
import { selfTimeOf } from '../profile/self-time.js';
import type { Bench, Drawing, Figure, Profile, Registry, Result, Scenario } from '../scenario.js';

const LOW_RATE = 50;
const WARM_UP_MS = 8000;
const FIRST_WITHIN_MS = 60_000;

type Part = { readonly profile: Profile; readonly drawing: Drawing; readonly figure: Figure };

/** How many operations there were, and how long they took. */
type Done = { readonly operations: number; readonly seconds: number };

export const profile: Scenario = {
  name: 'profile',
  title: 'Where the registry spends its own time',

  async run(bench: Bench): Promise<Result> {
    const seconds = bench.quick ? { full: 5, low: 6 } : { full: 20, low: 40 };
    const full = await profiled(bench, (registry) => fullLoad(bench, registry, seconds.full), {
      file: 'registrations-flame.svg',
      title: `Sustained registrations, ${bench.outstanding} on their way: the time of the registry's thread`,
      figure: 'registrations per second while samples are taken',
    });
    const low = await profiled(bench, (registry) => lowLoad(bench, registry, seconds.low), {
      file: 'registrations-low-load-flame.svg',
      title: `Registrations at ${LOW_RATE}/s: the time of the registry's thread`,
      figure: `registrations per second while samples are taken, open loop at ${LOW_RATE}/s`,
    });
    const parts = [full, low];
    return {
      name: profile.name,
      title: profile.title,
      method:
        `One round of ${seconds.full} s of the sustained registrations, and one of ${seconds.low} s at ${LOW_RATE}/s (open loop), each with a registry of its own, after a warm-up. V8 looks every ` +
        'millisecond at what the thread is at. Taking samples costs time itself: the figures of the other scenarios are measured without. Per cents are of self time, idle time and what is done ' +
        'outside of JavaScript left out; CPU seconds divide what /proc tells of the thread as its samples are',
      figures: parts.map(({ figure }) => figure),
      profiles: parts.map((part) => part.profile),
      drawings: parts.map(({ drawing }) => drawing),
    };
  },
};

async function profiled(
  bench: Bench,
  load: (registry: Registry) => Promise<Sampled<Done>>,
  { file, title, figure }: { readonly file: string; readonly title: string; readonly figure: string },
): Promise<Part> {
  const registry = await bench.startRegistry({ env: NO_HEARTBEATS_DUE, sampled: true });
  const { value, profile: samples, cpu } = await load(registry);
  await registry.wipe();
  const { operations, seconds } = value;
  if (operations === 0) throw new Error('no node became active while samples were taken');
  const tree = callTreeOf(samples, placesIn(dirname(registry.program)));
  const used = selfTimeOf(tree, cpu, operations);
  const perThousand = ((cpu.all - cpu.sampling) / operations) * 1000;
  bench.say(
    `  ${(operations / seconds).toFixed(0)}/s, ${perThousand.toFixed(3)} CPU seconds for 1,000; ${toldOf(used.groups)}`,
  );
  return {
    profile: { file, title, ...used },
    drawing: { file, text: flameGraph(title, tree.root) },
    figure: {
      name: figure,
      unit: '1/s',
      values: [operations / seconds],
      cpuPerThousand: { registry: perThousand },
    },
  };
}

/** The closed loop of the sustained registrations. */
async function fullLoad(bench: Bench, registry: Registry, seconds: number): Promise<Sampled<Done>> {
  const { outstanding, servers, signal } = bench;
  const { topicPrefix, groupPrefix } = registry;
  const settings = { brokers: servers.brokers, topicPrefix, groupPrefix, nodePrefix: 'bench', outstanding };
  const driver = await bench.startChild('driver/main.js', settings);
  const active = async (): Promise<number> => ((await driver.ask('counts')) as Counts).active;
  await driver.ask('begin');
  await until(async () => (await active()) >= outstanding, () => `fewer than ${outstanding} nodes became active`, { withinMs: FIRST_WITHIN_MS, everyMs: 100, signal }); // prettier-ignore
  await sleep(WARM_UP_MS, undefined, { signal });
  const sampled = await samplerOf(registry).sample(async () => {
    const [before, began] = [await active(), performance.now()];
    await sleep(seconds * 1000, undefined, { signal });
    return { operations: (await active()) - before, seconds: (performance.now() - began) / 1000 };
  });
  await driver.stop();
  return sampled;
}

/** New nodes at times fixed in advance; nobody looks for them in the backends. */
async function lowLoad(bench: Bench, registry: Registry, seconds: number): Promise<Sampled<Done>> {
  const { servers, signal } = bench;
  const handshakes = await Handshakes.open({ brokers: servers.brokers, topicPrefix: registry.topicPrefix });
  const at = { ratePerSecond: LOW_RATE, signal };
  const nodes = LOW_RATE * seconds;
  try {
    await registerPaced(handshakes, { ...at, prefix: 'warm', nodes: Math.round((LOW_RATE * WARM_UP_MS) / 1000) });
    return await samplerOf(registry).sample(async () => {
      const began = performance.now();
      await registerPaced(handshakes, { ...at, prefix: 'bench', nodes });
      return { operations: nodes, seconds: (performance.now() - began) / 1000 };
    });
  } finally {
    await handshakes.close();
  }
}

function samplerOf({ sampler }: Registry): NonNullable<Registry['sampler']> {
  if (sampler === undefined) throw new Error('this registry was not started so that it can be sampled');
  return sampler;
}

function toldOf(groups: Profile['groups']): string {
  const largest = [...groups].sort((a, b) => b.percent - a.percent).slice(0, 4);
  return largest.map(({ name, percent }) => `${name} ${percent.toFixed(0)} %`).join(', ');
}
