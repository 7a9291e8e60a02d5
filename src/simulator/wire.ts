import type { Random } from './random.js';
import type { Owner, VirtualTime } from './time/virtual-time.js';

/** What can be reached over the network, and so can be out of reach. */
export const TARGETS = ['kafka', 'store', 'consul', 'registry'] as const;
export type Target = (typeof TARGETS)[number];

/** How a server that is away behaves: refuses connections, or takes requests and never answers. */
export type Manner = 'refuse' | 'hang';

/** How likely (0-1) what happens to a request: lost before it was carried out, carried out but its answer lost, slow. */
export type Hazards = { readonly before: number; readonly after: number; readonly slow: number };

/** A failure of the network, with the code that Node's sockets give. */
export class NetworkError extends Error {
  constructor(
    readonly code: 'ECONNREFUSED' | 'ECONNRESET' | 'ETIMEDOUT',
    what: string,
  ) {
    super(`${code}: ${what}`);
  }
}

type Server = { away: Manner | null; slowFactor: number; readonly hanging: (() => void)[] };

type Options = {
  /** The asker waits no longer than this; the request goes on. Milliseconds. */
  readonly timeoutMs?: number;
};

const SHORTEST_MS = 0.2;
const SLOW_MS = [500, 9000] as const;
const REFUSAL_MS = [1, 20] as const;

/** Carries every request of the simulation: each takes its time, and may get lost on its way there or back. */
export class Wire {
  /** Which faults have struck, and how often. */
  readonly faults = new Map<string, number>();
  /** Once faults have ended nothing is lost any more. */
  calm = false;
  private readonly servers = new Map<Target, Server>();
  private readonly cut = new Set<string>();

  constructor(
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly hazards: Readonly<Record<Target, Hazards>>,
  ) {
    for (const target of TARGETS) this.servers.set(target, { away: null, slowFactor: 1, hanging: [] });
  }

  count(fault: string): void {
    this.faults.set(fault, (this.faults.get(fault) ?? 0) + 1);
  }

  isAway(target: Target): boolean {
    return this.server(target).away !== null;
  }

  takeAway(target: Target, manner: Manner): void {
    this.server(target).away = manner;
  }

  /** What hung meanwhile is told that its connection is gone. */
  bringBack(target: Target): void {
    const server = this.server(target);
    server.away = null;
    for (const drop of server.hanging.splice(0)) drop();
  }

  slowDown(target: Target, factor: number): void {
    this.server(target).slowFactor = factor;
  }

  /** The way between one process and one server. */
  setCut(owner: Owner, target: Target, isCut: boolean): void {
    if (isCut) this.cut.add(`${owner.name} ${target}`);
    else this.cut.delete(`${owner.name} ${target}`);
  }

  /**
   * One request of a process. `carryOut` runs at the server, in its own time and whatever has become of the asker; the answer reaches
   * only an asker that is still there. Rejects with a {@link NetworkError}, or with what `carryOut` throws.
   */
  call<T>(
    from: Owner,
    target: Target,
    what: string,
    carryOut: () => T | Promise<T>,
    options: Options = {},
  ): Promise<T> {
    const { time, random } = this;
    return new Promise<T>((resolve, reject) => {
      const server = this.server(target);
      let waiting = true;
      const answer = (delayMs: number, settle: () => void): void => {
        time.plan(delayMs, from, () => {
          if (!waiting) return;
          waiting = false;
          settle();
        });
      };
      const fail = (delayMs: number, code: NetworkError['code']): void =>
        answer(delayMs, () => reject(new NetworkError(code, `${what} at ${target}`)));
      const { timeoutMs } = options;
      if (timeoutMs !== undefined) fail(timeoutMs, 'ETIMEDOUT');
      const unreachable = (): boolean => {
        if (server.away === 'hang') {
          server.hanging.push(() => fail(this.latency(), 'ECONNRESET'));
          return true;
        }
        if (server.away !== 'refuse' && !this.cut.has(`${from.name} ${target}`)) return false;
        fail(this.between(REFUSAL_MS), 'ECONNREFUSED');
        return true;
      };
      if (unreachable()) return;
      const { before, after, slow } = this.hazards[target];
      if (!this.calm && random.chance(before)) {
        this.count(`${target}: lost before`);
        return fail(this.latency(), 'ECONNRESET');
      }
      const losesAnswer = !this.calm && random.chance(after);
      const slowly = !this.calm && random.chance(slow);
      if (slowly) this.count(`${target}: slow`);
      const there = slowly ? this.between(SLOW_MS) : this.latency() * server.slowFactor;
      const back = (): number => this.latency() * server.slowFactor;
      time.plan(there, time.world, () => {
        if (unreachable()) return;
        const done = (settle: () => void): void => {
          if (server.away !== null) {
            this.count(`${target}: answer lost in an outage`);
            if (server.away === 'hang') server.hanging.push(() => fail(this.latency(), 'ECONNRESET'));
            else fail(this.latency(), 'ECONNRESET');
          } else if (losesAnswer) {
            this.count(`${target}: answer lost`);
            fail(back(), 'ECONNRESET');
          } else answer(back(), settle);
        };
        let result: T | Promise<T>;
        try {
          result = carryOut();
        } catch (error) {
          done(() => reject(asError(error)));
          return;
        }
        if (!(result instanceof Promise)) {
          const value = result;
          done(() => resolve(value));
          return;
        }
        result.then(
          (value) => done(() => resolve(value)),
          (error: unknown) => done(() => reject(asError(error))),
        );
      });
    });
  }

  /** Milliseconds of one way. Mostly short, sometimes not, so that messages overtake each other. */
  latency(): number {
    const spread = this.random.next();
    return SHORTEST_MS + spread * spread * spread * (this.calm ? 2 : 40);
  }

  between([from, to]: readonly [number, number]): number {
    return from + this.random.next() * (to - from);
  }

  private server(target: Target): Server {
    return this.servers.get(target) as Server;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
