import { Random } from '../random.js';

/**
 * Whose event it is. What a dead process had planned never happens, what a frozen one had planned waits for the thaw. Its clock may
 * be wrong.
 */
export class Owner {
  state: 'running' | 'frozen' | 'dead' = 'running';
  /** What fell due while it was frozen, in that order. */
  readonly held: (() => void)[] = [];

  constructor(
    readonly name: string,
    readonly clockSkewMs = 0,
  ) {}
}

/** A planned event; as a timer of the product it has what Node's timers have. */
export class Planned {
  cancelled = false;

  constructor(
    readonly at: number,
    readonly tie: number,
    readonly owner: Owner,
    readonly act: () => void,
  ) {}

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  hasRef(): boolean {
    return true;
  }
}

/** The day on which every simulation begins. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

/**
 * Time that passes only from event to event. Each event, and every promise that it settles, runs to its end before the next one,
 * so all that it plans belongs to its own owner: that is how a process can be killed without its knowing.
 */
export class VirtualTime {
  /** Milliseconds since the beginning; true time, which no clock in the simulation need show. */
  now = 0;
  /** Events that have happened. */
  steps = 0;
  readonly world = new Owner('world');
  private current = this.world;
  private readonly heap: Planned[] = [];
  private readonly ties: Random;
  /** For `Math.random` and its like in the product. */
  readonly product: Random;

  constructor(seed: number) {
    this.ties = new Random(seed, 'ties');
    this.product = new Random(seed, 'product');
  }

  /** Who acts at the moment. */
  get acting(): Owner {
    return this.current;
  }

  /** Events that are due at one moment happen in an order of the seed's. */
  plan(delayMs: number, owner: Owner, act: () => void): Planned {
    const delay = delayMs > 0 ? delayMs : 0;
    const planned = new Planned(this.now + delay, this.ties.next(), owner, act);
    push(this.heap, planned);
    return planned;
  }

  /** Waits, in the name of who acts. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => this.plan(ms, this.current, resolve));
  }

  /** What the process sees on its clock: epoch milliseconds. */
  clock(owner = this.current): number {
    return Math.floor(EPOCH_MS + this.now + owner.clockSkewMs);
  }

  thaw(owner: Owner): void {
    if (owner.state !== 'frozen') return;
    owner.state = 'running';
    for (const act of owner.held.splice(0)) this.plan(0, owner, act);
  }

  /** Lets the next event happen; false when there is none. Its promises settle afterwards, before the caller goes on. */
  step(): boolean {
    for (;;) {
      const next = pop(this.heap);
      if (next === undefined) return false;
      if (next.cancelled || next.owner.state === 'dead') continue;
      this.now = next.at;
      if (next.owner.state === 'frozen') {
        next.owner.held.push(() => {
          if (!next.cancelled) next.act();
        });
        continue;
      }
      this.steps += 1;
      this.current = next.owner;
      next.act();
      return true;
    }
  }
}

function before(a: Planned, b: Planned): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie);
}

function push(heap: Planned[], item: Planned): void {
  let index = heap.length;
  heap.push(item);
  while (index > 0) {
    const parent = (index - 1) >> 1;
    const above = heap[parent] as Planned;
    if (!before(item, above)) break;
    heap[index] = above;
    index = parent;
  }
  heap[index] = item;
}

function pop(heap: Planned[]): Planned | undefined {
  const first = heap[0];
  const last = heap.pop();
  if (first === undefined || last === undefined || heap.length === 0) return first;
  let index = 0;
  for (;;) {
    let child = 2 * index + 1;
    if (child >= heap.length) break;
    const right = heap[child + 1];
    if (right !== undefined && before(right, heap[child] as Planned)) child += 1;
    const below = heap[child] as Planned;
    if (!before(below, last)) break;
    heap[index] = below;
    index = child;
  }
  heap[index] = last;
  return first;
}
