import type { Listener } from './transport.js';

/** Which parts of a transport are away: the listener hears of the first one that goes, and of the last one that is back. */
export class Reach {
  readonly #away = new Set<string>();
  #listener: Listener | undefined;

  listener(listener: Listener): void {
    this.#listener = listener;
  }

  away(part: string, reason: string): void {
    this.#listener?.trouble(reason);
    if (this.#away.size === 0) this.#listener?.away?.(reason);
    this.#away.add(part);
  }

  back(part: string): void {
    if (this.#away.delete(part) && this.#away.size === 0) this.#listener?.back?.();
  }
}
