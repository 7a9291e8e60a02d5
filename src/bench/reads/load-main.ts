/** The load of the reads, in a process of its own. Asked to `begin` with a {@link Load}, to `count` for a time, and to `end`. */
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { serve } from '../children/serve.js';
import { percentile } from '../rounds.js';
import { Asker } from './asker.js';
import { asksOf, type Read } from './asks.js';

export type Load = {
  readonly baseUrl: string;
  readonly read: Read;
  /** How many nodes there are to ask for. */
  readonly nodes: number;
  readonly connections: number;
};

/** What was answered while it was counted. Latencies in milliseconds. */
export type Counted = {
  readonly answers: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
};

await serve(async () => {
  let askers: readonly Asker[] = [];
  let latencies: number[] = [];
  let failure: string | undefined;
  const asked = {
    answered: (latency: number) => void latencies.push(latency),
    failed: (why: string) => void (failure ??= why),
  };
  const end = async (): Promise<void> => {
    for (const asker of askers) asker.stop();
    await Promise.all(askers.map(({ ended }) => ended));
    askers = [];
    if (failure !== undefined) throw new Error(`a read failed: ${failure}`);
  };
  return {
    answers: {
      begin: (details) => {
        const { baseUrl, read, nodes, connections } = details as Load;
        const { hostname: host, port } = new URL(baseUrl);
        const next = asksOf(read, nodes);
        const open = () => connect({ host, port: Number(port), noDelay: true });
        askers = Array.from({ length: connections }, () => new Asker(open(), next, asked));
      },
      count: async (details): Promise<Counted> => {
        latencies = [];
        const from = performance.now();
        await sleep(details as number);
        const [seconds, counted] = [(performance.now() - from) / 1000, latencies];
        latencies = [];
        const [p50, p99] = [percentile(counted, 50), percentile(counted, 99)];
        return { answers: counted.length, seconds, p50, p99 };
      },
      end,
    },
    close: end,
  };
});
