import { LOCAL_MEMBERS, PARTLY_PURE_GLOBALS, PURE_GLOBALS } from '../../scripts/eslint-purity.mjs';

/** What poisoned code may still need: taken before anything is poisoned. */
const { Error: PlainError, Reflect: plain, Proxy: PlainProxy } = globalThis;

/** What code can name; Jest keeps something else on the global object, too. */
const IDENTIFIER = /^[\w$]+$/;

/**
 * The global object with everything poisoned that lint does not allow to pure code (scripts/eslint-purity.mjs): clock, random
 * numbers, timers, process, network, console, locale … They work as ever, except during {@link PoisonedGlobals.during}.
 */
export class PoisonedGlobals {
  private armed = false;
  private readonly touched: string[] = [];

  /** For good: every test file has a global object of its own. */
  constructor() {
    for (const name of Object.getOwnPropertyNames(globalThis)) {
      const part = PARTLY_PURE_GLOBALS.get(name);
      if (part !== undefined) this.guard(name, part);
      else if (!PURE_GLOBALS.has(name) && IDENTIFIER.test(name)) this.poison(name);
    }
    for (const name of ['Date', 'String', 'Number', 'BigInt', 'Array', 'Object'] as const) {
      this.poisonMembers(name, globalThis[name].prototype as object);
    }
  }

  /** Runs `work`, and throws if it used anything poisoned, even if it caught what that threw. */
  during<T>(work: () => T): T {
    this.touched.length = 0;
    this.armed = true;
    let result: T;
    try {
      result = work();
    } finally {
      this.armed = false;
    }
    if (this.touched.length > 0) throw new PlainError(`uses ${this.touched.join(', ')}`);
    return result;
  }

  private touch(what: string): void {
    if (!this.armed) return;
    this.touched.push(what);
    throw new PlainError(`uses ${what}`);
  }

  private poison(name: string): void {
    const { value, get, set, configurable, enumerable = true } = this.descriptorOf(globalThis, name);
    if (configurable !== true) throw new PlainError(`the global ${name} cannot be poisoned`);
    let current: unknown = value;
    plain.defineProperty(globalThis, name, {
      configurable,
      enumerable,
      get: () => {
        this.touch(name);
        return get === undefined ? current : (plain.apply(get, globalThis, []) as unknown);
      },
      set: (next: unknown) => {
        this.touch(name);
        if (set === undefined) current = next;
        else plain.apply(set, globalThis, [next]);
      },
    });
  }

  /** Only a part of it is poisoned. */
  private guard(name: string, { construct, members }: { construct: number; members: readonly string[] }): void {
    const descriptor = this.descriptorOf(globalThis, name);
    const value = new PlainProxy(descriptor.value as new (...args: readonly unknown[]) => object, {
      get: (target, member) => {
        if (member !== 'prototype' && !members.includes(String(member))) this.touch(`${name}.${String(member)}`);
        return plain.get(target, member) as unknown;
      },
      apply: (target, self, args) => {
        this.touch(`${name}()`);
        return plain.apply(target, self, args) as unknown;
      },
      construct: (target, args) => {
        if (args.length === 0 || args.length > construct) this.touch(`new ${name}() with ${args.length} arguments`);
        return plain.construct(target, args);
      },
    });
    plain.defineProperty(globalThis, name, {
      configurable: true,
      enumerable: descriptor.enumerable ?? false,
      get: () => value,
    });
  }

  private poisonMembers(name: string, prototype: object): void {
    for (const member of Object.getOwnPropertyNames(prototype)) {
      if (!LOCAL_MEMBERS.test(member) && !(name === 'Date' && member === 'toString')) continue;
      const descriptor = this.descriptorOf(prototype, member);
      const method = descriptor.value as (...args: readonly unknown[]) => unknown;
      const touch = () => this.touch(`${name}.prototype.${member}`);
      const value = function (this: unknown, ...args: readonly unknown[]) {
        touch();
        return plain.apply(method, this, args);
      };
      plain.defineProperty(prototype, member, { ...descriptor, value });
    }
  }

  private descriptorOf(owner: object, name: string): PropertyDescriptor {
    const descriptor = Object.getOwnPropertyDescriptor(owner, name);
    if (descriptor === undefined) throw new PlainError(`nothing is named ${name}`);
    return descriptor;
  }
}
