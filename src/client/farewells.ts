import { constants } from 'node:os';

type Leaving = { leave(): Promise<unknown> };

const SIGNALS = ['SIGTERM', 'SIGINT'] as const satisfies readonly NodeJS.Signals[];

/** Where the default action does not end a process (the first one of a container), it is ended by hand. Milliseconds. */
const ENDED_WITHIN_MS = 100;

/**
 * The memberships of this process that say goodbye at a signal. One listener for all, and none where there is no membership. Who else
 * listens decides how the process ends; where nobody does, the signal is sent once more when all have left, to do what it would have
 * done without us. A second signal waits for nobody.
 */
class Farewells {
  readonly #members = new Set<Leaving>();
  #isLeaving = false;

  /** Returns what takes it out again. */
  add(member: Leaving): () => void {
    if (this.#members.size === 0) for (const signal of SIGNALS) process.prependListener(signal, this.#onSignal);
    this.#members.add(member);
    return () => {
      // While they leave, the listener is what keeps the signal from ending the process.
      if (this.#members.delete(member) && this.#members.size === 0 && !this.#isLeaving) this.#unlisten();
    };
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    // First of all listeners: those who listen once have not been taken off the list yet.
    const isOurs = process.listenerCount(signal) === 1;
    if (this.#isLeaving) return isOurs ? this.#end(signal) : undefined;
    this.#isLeaving = true;
    void Promise.all([...this.#members].map((member) => member.leave())).then(() => {
      this.#isLeaving = false;
      if (isOurs) this.#end(signal);
      else if (this.#members.size === 0) this.#unlisten();
    });
  };

  #unlisten(): void {
    for (const signal of SIGNALS) process.off(signal, this.#onSignal);
  }

  #end(signal: NodeJS.Signals): void {
    this.#unlisten();
    setTimeout(() => process.exit(128 + constants.signals[signal]), ENDED_WITHIN_MS);
    process.kill(process.pid, signal);
  }
}

export const farewells = new Farewells();
