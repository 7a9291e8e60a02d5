/** So many are remembered. Copies of a message come close to each other. */
const REMEMBERED = 256;

/** Tells the first of several copies. */
export class RecentIds {
  readonly #ids = new Set<string>();

  /** False when it was there already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > REMEMBERED) this.#ids.delete(this.#ids.values().next().value ?? '');
    return true;
  }
}
