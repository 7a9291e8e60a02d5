/** Tells those who read the log that there may be something new for them. */
export class Appended {
  private readonly ears = new Set<Ear>();

  /** For a reader of these topics (full names); for as long as the log is open. */
  ear(topics: readonly string[]): Ear {
    const ear = new Ear(topics);
    this.ears.add(ear);
    return ear;
  }

  /** Records were appended to these topics, or to any, where nobody knows. */
  notify(topics?: ReadonlySet<string>): void {
    for (const ear of this.ears) {
      if (topics === undefined || ear.topics.some((topic) => topics.has(topic))) ear.ring();
    }
  }
}

/** A reader that clears first, then reads, and then waits if there was nothing, misses nothing. */
export class Ear {
  private hasRung = true;
  private wake: () => void = () => undefined;

  constructor(readonly topics: readonly string[]) {}

  clear(): void {
    this.hasRung = false;
  }

  ring(): void {
    this.hasRung = true;
    this.wake();
  }

  /** Resolves once it has rung since it was cleared; who closes the reader rings too. */
  async rung(): Promise<void> {
    if (this.hasRung) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
    });
  }
}
