import type { Group } from './profile/groups.js';
import type { Sampler } from './profile/sampler.js';

/** What a scenario is given. */
export type Bench = {
  /** Shorter rounds and fewer of them: to see that everything runs, not for figures. */
  readonly quick: boolean;
  /** Rounds whose median counts: 5, with --quick 2. */
  readonly rounds: number;
  readonly servers: Servers;
  readonly usage: Usage;
  /** Starts a registry process of its own (topic prefix, groups, database, registry id, port) and resolves when it is ready. */
  startRegistry(options?: RegistryOptions): Promise<Registry>;
  /** Names and an empty database, for what works on the servers without a registry. Removed when the scenario ends, or by `wipePlace`. */
  createPlace(): Promise<Place>;
  wipePlace(place: Place): Promise<void>;
  /** Starts the stub of the yardstick `rAll` in a place of its own; its CPU counts as the registry's. Resolves when it consumes. */
  startStub(): Promise<Running>;
  /**
   * Starts one of the bench's own programs, by its path below this folder (`driver/main.js`), hands it its settings (JSON), and resolves
   * when it says that it is ready. `children/serve.ts` is the other end. Ends with the scenario at the latest.
   */
  startChild(program: string, settings: unknown, party?: Party): Promise<Child>;
  /** Length of a measured window in seconds, for scenarios that have no reason for another one. */
  readonly windowSeconds: number;
  /** Nodes that are on their way at any time where the load is a closed loop. */
  readonly outstanding: number;
  /** Length of the soak. */
  readonly soakMinutes: number;
  /** Aborted when the run is interrupted. */
  readonly signal: AbortSignal;
  /** A line of progress for people, on standard error. */
  say(line: string): void;
};

/** The real stack. */
export type Servers = {
  readonly brokers: readonly string[];
  readonly consulUrl: string;
  /** A database that may create others. */
  readonly databaseUrl: string;
};

export type RegistryOptions = {
  readonly env?: Readonly<Record<string, string>>;
  /** Joins the fleet of another registry process of this run: same topics, groups, databases and registry id. */
  readonly replicaOf?: Registry;
  /** Started so that it can be sampled: for profiles only, not for figures. */
  readonly sampled?: boolean;
};

/** Where a registry, or the stub, does its work: names that nobody else uses. */
export type Place = {
  readonly topicPrefix: string;
  readonly groupPrefix: string;
  readonly registryId: string;
  readonly databaseUrl: string;
};

export type Running = Place & {
  readonly pid: number;
  /** SIGTERM, and waits. Topics, database and services of its place are removed when the scenario ends. */
  stop(): Promise<void>;
  /** Stops it, and removes topics, consumer groups, database and services of its place now. */
  wipe(): Promise<void>;
};

export type Registry = Running & {
  readonly baseUrl: string;
  /** Its main.js. */
  readonly program: string;
  /** Everything it was started with. */
  readonly env: Readonly<Record<string, string>>;
  /** Of one that was started with `sampled`. */
  readonly sampler: Sampler | undefined;
};

/** One of the bench's own processes. */
export type Child = {
  readonly pid: number;
  /** Its answer; rejects when it fails, or has ended. */
  ask(question: string, details?: unknown): Promise<unknown>;
  stop(): Promise<void>;
};

/** Whose processor time it is. `driver`: the bench itself and its child processes that make load. */
export type Party = 'registry' | 'kafka' | 'consul' | 'postgres' | 'driver';

/** CPU seconds (user and system) by party; PostgreSQL with all its backends. */
export type CpuSeconds = Readonly<Record<Party, number>>;

export type Usage = {
  /** Counters since the processes began; the difference of two readings is what was used between. */
  cpu(): CpuSeconds;
  /** Resident memory in MiB by party, now. */
  residentMiB(): Readonly<Record<Party, number>>;
};

/** What is kept of a scenario: everything that tables and charts need, and the raw numbers. */
export type Result = {
  readonly name: string;
  readonly title: string;
  /** One sentence: what was done, how often, for how long. */
  readonly method: string;
  readonly figures: readonly Figure[];
  readonly charts?: readonly Chart[];
  readonly profiles?: readonly Profile[];
  /** Anything else worth keeping in the JSON. */
  readonly raw?: unknown;
  /** Written beside the charts, and not kept in the JSON. */
  readonly drawings?: readonly Drawing[];
};

/** A number that was measured several times. */
export type Figure = {
  /** `registrations per second`, `publish to active p99 at 50/s`. */
  readonly name: string;
  readonly unit: string;
  /** One for each round. */
  readonly values: readonly number[];
  /** CPU seconds for 1,000 operations, the median of the rounds. */
  readonly cpuPerThousand?: Partial<CpuSeconds>;
  /** The yardstick of the same run: `{ of: 'rAll', value: 0.42 }`. */
  readonly ratio?: { readonly of: string; readonly value: number };
  /** The target, in words, where there is one: `at least 0.4 x rAll`. */
  readonly wanted?: string;
};

export type Chart = {
  readonly file: string;
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly kind: 'line' | 'bar';
  readonly series: readonly {
    readonly name: string;
    readonly points: readonly (readonly [number | string, number])[];
  }[];
};

/** Where the registry's own time goes: per cents are of the self time of all samples but those that were idle or outside of JavaScript. */
export type Profile = {
  /** The flame graph, beside the charts. */
  readonly file: string;
  readonly title: string;
  /** CPU in seconds for 1,000 operations. */
  readonly groups: readonly { readonly name: Group; readonly percent: number; readonly cpuPerThousand: number }[];
  /** CPU seconds for 1,000 operations: of the same thread outside of JavaScript, of the one that took the samples, and of all others. */
  readonly elsewhere: { readonly program: number; readonly sampling: number; readonly otherThreads: number };
  /** Those with the most self time. */
  readonly functions: readonly {
    readonly name: string;
    readonly place: string;
    readonly group: Group;
    readonly percent: number;
  }[];
};

/** A file that is drawn once, when it is measured: what it shows is too much to be kept as numbers. */
export type Drawing = { readonly file: string; readonly text: string };

export type Scenario = {
  readonly name: string;
  readonly title: string;
  run(bench: Bench, before: readonly Result[]): Promise<Result>;
};
