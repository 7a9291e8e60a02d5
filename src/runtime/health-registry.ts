import { errorText } from '../messages/index.js';
import { withAdvice } from './troubles/advice.js';

export type ComponentStatus = 'healthy' | 'degraded' | 'unhealthy';

export type ComponentHealth = {
  readonly status: ComponentStatus;
  /** Without a critical component the registry cannot work. */
  readonly critical: boolean;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
};

export type Health = {
  readonly status: ComponentStatus;
  readonly components: Readonly<Record<string, ComponentHealth>>;
};

export type Probe = {
  readonly name: string;
  readonly critical: boolean;
  /** Left out of the answer while it is healthy: tells of a condition, not of a component. */
  readonly onlyWhenAmiss?: boolean;
  /** Rejects when the component is lost; the details go into the answer. */
  readonly check: () => Promise<{
    readonly status?: ComponentStatus;
    readonly message?: string;
    readonly details?: Readonly<Record<string, unknown>>;
  }>;
};

/** A loss has to show within 10 s: an interval, and a probe that hangs, are together well below it. */
const INTERVAL_MS = 3000;
/** What is lost is asked more often, so that its return shows soon. */
const LOST_INTERVAL_MS = 500;
const TIMEOUT_MS = 3000;
/** A time-out that comes so late was held up with the whole process, and with it an answer that may be there already. */
const STALL_MS = 250;

/** Parts of the program add their probes; all are asked in the background, so that asking for health costs nothing. */
export class HealthRegistry {
  private readonly probes = new Map<string, Probe>();
  private readonly latest = new Map<string, ComponentHealth>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  private closed = false;

  register(probe: Probe): void {
    if (this.probes.has(probe.name)) throw new Error(`a health probe named ${probe.name} is already there`);
    this.probes.set(probe.name, probe);
    if (probe.onlyWhenAmiss !== true) {
      this.latest.set(probe.name, {
        status: 'unhealthy',
        critical: probe.critical,
        message: 'not checked yet',
        details: {},
      });
    }
    void this.run(probe);
  }

  health(): Health {
    const components = Object.fromEntries(this.latest);
    const all = Object.values(components);
    const status = all.some((component) => component.critical && component.status === 'unhealthy')
      ? 'unhealthy'
      : all.some((component) => component.status !== 'healthy')
        ? 'degraded'
        : 'healthy';
    return { status, components };
  }

  close(): void {
    this.closed = true;
    for (const timer of this.timers.values()) clearTimeout(timer);
  }

  private async run(probe: Probe): Promise<void> {
    const health = await examine(probe);
    if (this.closed) return;
    if (probe.onlyWhenAmiss === true && health.status === 'healthy') this.latest.delete(probe.name);
    else this.latest.set(probe.name, health);
    const intervalMs = health.status === 'healthy' ? INTERVAL_MS : LOST_INTERVAL_MS;
    const timer = setTimeout(() => void this.run(probe), intervalMs);
    timer.unref();
    this.timers.set(probe.name, timer);
  }
}

async function examine({ check, critical, name }: Probe): Promise<ComponentHealth> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_resolve, reject) => {
      const wait = (isSecond = false): void => {
        const due = performance.now() + TIMEOUT_MS;
        timer = setTimeout(() => {
          // Once: a process that is always late has to tell of what is lost, too.
          if (!isSecond && performance.now() - due > STALL_MS) wait(true);
          else reject(new Error(`${name} did not answer within ${TIMEOUT_MS} ms`));
        }, TIMEOUT_MS);
        timer.unref();
      };
      wait();
    });
    const { status = 'healthy', message = 'ok', details = {} } = await Promise.race([check(), late]);
    return { status, critical, message, details };
  } catch (error) {
    return { status: 'unhealthy', critical, message: withAdvice(name, errorText(error, 300)), details: {} };
  } finally {
    clearTimeout(timer);
  }
}
