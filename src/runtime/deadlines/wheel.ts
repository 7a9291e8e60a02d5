/** What falls due within the same so many milliseconds is taken together, at their end. */
export const SLOT_MS = 100;

/** Keeps what falls due until it does. Times are milliseconds of one clock, whichever. */
export class Wheel<T> {
  private slots = new Map<number, T[]>();

  add(item: T, dueAt: number): void {
    const slot = Math.ceil(dueAt / SLOT_MS);
    const others = this.slots.get(slot);
    if (others === undefined) this.slots.set(slot, [item]);
    else others.push(item);
  }

  /** What has fallen due since it was asked last, the longest overdue first. */
  take(now: number): readonly T[] {
    const due = [...this.slots.keys()].filter((slot) => slot * SLOT_MS <= now).sort((a, b) => a - b);
    return due.flatMap((slot) => {
      const items = this.slots.get(slot) ?? [];
      this.slots.delete(slot);
      return items;
    });
  }

  /** When something is there to be taken; infinity while nothing will be. */
  get nextAt(): number {
    let first = Infinity;
    for (const slot of this.slots.keys()) first = Math.min(first, slot);
    return first * SLOT_MS;
  }
}
