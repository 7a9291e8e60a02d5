import { hash32 } from './random.js';

/** Who did what when, in words. Its hash tells whether two runs were the same. */
export class Trace {
  readonly lines: string[] = [];
  private low = 0x811c9dc5;
  private high = 0x9e3779b9;

  constructor(private readonly now: () => number) {}

  add(who: string, what: string): void {
    const line = `${this.now().toFixed(1).padStart(9)} ${who.padEnd(10)} ${what}`;
    this.lines.push(line);
    this.low = hash32(line, this.low);
    this.high = hash32(line, this.high ^ this.low);
  }

  get hash(): string {
    return this.high.toString(16).padStart(8, '0') + this.low.toString(16).padStart(8, '0');
  }
}
