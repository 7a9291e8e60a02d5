import type { Sink } from '../terminal.js';

/** Tells how far it is: on one line of a terminal, or with every tenth of the work. */
export class Progress {
  #done = 0;
  #toldTenths = 0;

  constructor(
    private readonly sink: Sink,
    private readonly total: number,
  ) {}

  async step(): Promise<void> {
    this.#done += 1;
    const { isTTY } = this.sink;
    const tenths = Math.floor((this.#done / this.total) * 10);
    if (isTTY) await this.sink.write(`\r${this.#text()}${this.#done === this.total ? '\n' : ''}`);
    else if (tenths > this.#toldTenths) {
      this.#toldTenths = tenths;
      await this.sink.write(`${this.#text()}\n`);
    }
  }

  #text(): string {
    return `${this.#done} of ${this.total} nodes sent`;
  }
}
