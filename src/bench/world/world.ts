import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startChild } from '../children/child.js';
import type { Bench, Child, Party, Place, Registry, RegistryOptions, Running } from '../scenario.js';
import type { BenchOptions } from '../options.js';
import { findServers, ProcessUsage } from '../usage/usage.js';
import { freePort } from './free-port.js';
import { makePlace, removePlace } from './place.js';
import { environmentOf, startRegistryProcess } from './registry-process.js';

/** The built program's folder: dist. */
const DIST = fileURLToPath(new URL('../..', import.meta.url));
/** Transactions that the stub has under way at Consul; more of them make it no faster. */
const STUB_CONSUL_CONNECTIONS = 8;

/** Starts what scenarios ask for, and sees that nothing of it stays. */
export class World implements Bench {
  readonly quick: boolean;
  readonly rounds: number;
  readonly windowSeconds: number;
  readonly outstanding: number;
  readonly soakMinutes: number;
  readonly servers: Bench['servers'];
  readonly usage: ProcessUsage;
  /** Logs of the registries. */
  readonly folder = mkdtempSync(join(tmpdir(), 'rollcall-bench-'));
  readonly #program: string;
  readonly #runId = Date.now().toString(36);
  readonly #stops = new Set<() => Promise<void>>();
  readonly #places = new Set<Place>();
  #started = 0;

  constructor(
    { quick, rounds, windowSeconds, outstanding, soakMinutes, servers, program }: BenchOptions,
    readonly say: (line: string) => void,
    readonly signal: AbortSignal,
  ) {
    this.quick = quick;
    this.rounds = rounds;
    this.windowSeconds = windowSeconds;
    this.outstanding = outstanding;
    this.soakMinutes = soakMinutes;
    this.servers = servers;
    this.#program = program ?? join(DIST, 'main.js');
    this.usage = new ProcessUsage(findServers(servers));
  }

  async startRegistry({ env: wanted = {}, replicaOf, sampled = false }: RegistryOptions = {}): Promise<Registry> {
    const place = replicaOf ?? (await this.createPlace());
    const env = { ...environmentOf(this.servers, place, await freePort()), ...replicaOf?.env, ...wanted };
    if (replicaOf !== undefined) env['PORT'] = wanted['PORT'] ?? String(await freePort());
    const started = await startRegistryProcess({
      entry: this.#program,
      env,
      logFile: join(this.folder, `registry-${this.#started}.log`),
      folder: this.folder,
      sampled,
      signal: this.signal,
    });
    this.usage.track('registry', started.pid);
    const { baseUrl, sampler } = started;
    return { ...this.#running(place, started), baseUrl, program: this.#program, env, sampler };
  }

  async startStub(): Promise<Running> {
    const place = await this.createPlace();
    const { brokers, consulUrl } = this.servers;
    const settings = { ...place, brokers, consulUrl, consulConnections: STUB_CONSUL_CONNECTIONS };
    return this.#running(place, await this.startChild('yardsticks/stub.js', settings, 'registry'));
  }

  async startChild(program: string, settings: unknown, party: Party = 'driver'): Promise<Child> {
    const child = await startChild(join(DIST, 'bench', program), settings, this.signal);
    this.usage.track(party, child.pid);
    const stop = this.#stopOnce(() => child.stop());
    return { pid: child.pid, ask: (question, details) => child.ask(question, details), stop };
  }

  /** Ends every process, and removes what they made. */
  async clear(): Promise<void> {
    this.usage.cpu();
    await Promise.all([...this.#stops].map((stop) => stop()));
    for (const place of this.#places) await this.wipePlace(place);
  }

  removeLogs(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  #running(place: Place, process: { readonly pid: number; stop(): Promise<void> }): Running {
    const { topicPrefix, groupPrefix, registryId, databaseUrl } = place;
    const stop = this.#stopOnce(() => process.stop());
    const wipe = async (): Promise<void> => {
      await stop();
      await this.wipePlace(place);
    };
    return { topicPrefix, groupPrefix, registryId, databaseUrl, pid: process.pid, stop, wipe };
  }

  #stopOnce(end: () => Promise<void>): () => Promise<void> {
    const stop = (): Promise<void> => {
      this.usage.cpu(); // what it has used so far is not lost
      this.#stops.delete(stop);
      return end();
    };
    this.#stops.add(stop);
    return stop;
  }

  async createPlace(): Promise<Place> {
    this.#started += 1;
    const place = await makePlace(this.servers, `bench-${this.#runId}-${this.#started}`);
    this.#places.add(place);
    return place;
  }

  async wipePlace(place: Place): Promise<void> {
    const known = [...this.#places].find(({ registryId }) => registryId === place.registryId);
    if (known === undefined) return;
    this.#places.delete(known);
    await removePlace(this.servers, known);
  }
}
