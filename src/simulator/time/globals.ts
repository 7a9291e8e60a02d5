/**
 * Puts virtual time in the place of the process's own, once: `Date`, `performance.now`, timers, randomness. While no simulation runs
 * everything is as it was. So the product, and the libraries that it uses, run unchanged. This has to be loaded before them.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { Planned, type VirtualTime } from './virtual-time.js';

const real = {
  Date,
  now: performance.now.bind(performance),
  random: Math.random,
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
};

let active: VirtualTime | null = null;

/** From now on everything happens in this time; null: in the process's own. */
export function activate(time: VirtualTime | null): void {
  active = time;
}

/** All promises that can settle have settled when this calls back. */
export const afterMicrotasks: (act: () => void) => void = (act) => void real.setImmediate(act);

/** Milliseconds of the process's own time. */
export const wallClock: () => number = () => real.now();

class VirtualDate extends Date {
  constructor(...given: readonly unknown[]) {
    super(...((given.length === 0 && active !== null ? [active.clock()] : given) as []));
  }

  static override now(): number {
    return active === null ? real.Date.now() : active.clock();
  }
}

type Callback = (...args: readonly unknown[]) => void;

function later(callback: Callback, ms: number | undefined, args: readonly unknown[], time: VirtualTime): Planned {
  return time.plan(Math.max(1, ms ?? 1), time.acting, () => callback(...args));
}

function repeatedly(callback: Callback, ms: number | undefined, args: readonly unknown[], time: VirtualTime): Planned {
  let next: Planned;
  const handle = new Planned(0, 0, time.acting, () => undefined);
  const round = (): void => {
    if (handle.cancelled) return;
    next = time.plan(Math.max(1, ms ?? 1), next.owner, round);
    callback(...args);
  };
  next = time.plan(Math.max(1, ms ?? 1), time.acting, round);
  return handle;
}

function cancel(handle: unknown, otherwise: (handle: never) => void): void {
  if (handle instanceof Planned) handle.cancelled = true;
  else otherwise(handle as never);
}

type WaitOptions = { readonly signal?: AbortSignal };

/** `setTimeout` of node:timers/promises. */
function wait(time: VirtualTime, ms: number | undefined, value: unknown, { signal }: WaitOptions): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const refuse = (): void => reject(new DOMException('The operation was aborted', 'AbortError'));
    if (signal?.aborted === true) return refuse();
    const abort = (): void => {
      planned.cancelled = true;
      refuse();
    };
    const planned = time.plan(Math.max(1, ms ?? 1), time.acting, () => {
      signal?.removeEventListener('abort', abort);
      resolve(value);
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}

function install(): void {
  const put = (target: object, name: string, value: unknown): void => {
    Object.defineProperty(target, name, { value, writable: true, configurable: true });
  };
  put(globalThis, 'Date', VirtualDate);
  put(performance, 'now', () => (active === null ? real.now() : active.now));
  put(Math, 'random', () => (active === null ? real.random() : active.product.next()));
  put(globalThis, 'setTimeout', (callback: Callback, ms?: number, ...args: readonly unknown[]) =>
    active === null ? real.setTimeout(callback, ms, ...args) : later(callback, ms, args, active),
  );
  put(globalThis, 'setInterval', (callback: Callback, ms?: number, ...args: readonly unknown[]) =>
    active === null ? real.setInterval(callback, ms, ...args) : repeatedly(callback, ms, args, active),
  );
  put(globalThis, 'setImmediate', (callback: Callback, ...args: readonly unknown[]) =>
    active === null ? real.setImmediate(callback, ...args) : later(callback, 0, args, active),
  );
  put(globalThis, 'clearTimeout', (handle: unknown) => cancel(handle, real.clearTimeout));
  put(globalThis, 'clearInterval', (handle: unknown) => cancel(handle, real.clearInterval));
  put(globalThis, 'clearImmediate', (handle: unknown) => cancel(handle, real.clearImmediate));

  const require = createRequire(import.meta.url);
  const timers = require('node:timers/promises') as { setTimeout: (...args: readonly unknown[]) => Promise<unknown> };
  const realWait = timers.setTimeout;
  timers.setTimeout = (ms, value, options) =>
    active === null ? realWait(ms, value, options) : wait(active, ms as number | undefined, value, options ?? {});
  const crypto = require('node:crypto') as { randomUUID: (options?: object) => string };
  const realUuid = crypto.randomUUID;
  crypto.randomUUID = (options) => (active === null ? realUuid(options) : active.product.uuid());
  syncBuiltinESMExports();
}

install();
