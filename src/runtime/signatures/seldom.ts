const EVERY_MS = 10_000;

/** Lets one of each kind through now and then: who sends much must not fill the log. Kinds are a closed set. */
export class Seldom {
  private readonly last = new Map<string, number>();

  constructor(private readonly clock: () => number = () => performance.now()) {}

  admits(kind: string): boolean {
    const now = this.clock();
    const last = this.last.get(kind);
    if (last !== undefined && now - last < EVERY_MS) return false;
    this.last.set(kind, now);
    return true;
  }
}
