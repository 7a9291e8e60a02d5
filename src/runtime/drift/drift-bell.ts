/** Lets an operator's request be seen at once by the audit of the same process; that of another one looks every second. */
export class DriftBell {
  private rung = false;
  private sleeper: AbortController | undefined;

  ring(): void {
    this.rung = true;
    this.sleeper?.abort();
  }

  /** For one pause: aborted by the next ring, or already, where it has rung since the pause before. */
  signal(): AbortSignal {
    this.sleeper = new AbortController();
    if (this.rung) this.sleeper.abort();
    this.rung = false;
    return this.sleeper.signal;
  }
}
