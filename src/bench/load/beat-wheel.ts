/**
 * Which nodes are to beat when: each once an interval, all of them spread evenly over it. A node that is added joins at the next slot in
 * turn; one that falls silent is left out from now on.
 */
export class BeatWheel {
  private readonly slots: string[][];
  private readonly nodes = new Set<string>();
  private added = 0;
  /** Number of the slot that is due next, counted from the epoch of the clock. */
  private next: number;

  /** Times in milliseconds. `now`: from when on beats are due. */
  constructor(
    private readonly intervalMs: number,
    slotMs: number,
    now: number,
  ) {
    this.slots = Array.from({ length: Math.max(1, Math.round(intervalMs / slotMs)) }, () => []);
    this.next = Math.floor(now / this.slotLengthMs);
  }

  get size(): number {
    return this.nodes.size;
  }

  add(nodeIds: readonly string[]): void {
    for (const nodeId of nodeIds) {
      if (this.nodes.has(nodeId)) continue;
      this.nodes.add(nodeId);
      this.slotAt(this.added++).push(nodeId);
    }
  }

  silence(nodeIds: readonly string[]): void {
    for (const nodeId of nodeIds) this.nodes.delete(nodeId);
    const gone = (nodeId: string): boolean => !this.nodes.has(nodeId);
    for (const [index, slot] of this.slots.entries()) {
      if (slot.some(gone)) this.slots[index] = slot.filter((nodeId) => this.nodes.has(nodeId));
    }
  }

  /** Everybody whose beat is due by `now` and was not given before. After a stall of more than an interval nobody comes twice. */
  due(now: number): readonly string[] {
    const last = Math.floor(now / this.slotLengthMs);
    this.next = Math.max(this.next, last - this.slots.length + 1);
    const due: string[] = [];
    for (; this.next <= last; this.next += 1) due.push(...this.slotAt(this.next));
    return due;
  }

  private get slotLengthMs(): number {
    return this.intervalMs / this.slots.length;
  }

  private slotAt(number: number): string[] {
    return this.slots[number % this.slots.length] ?? [];
  }
}
