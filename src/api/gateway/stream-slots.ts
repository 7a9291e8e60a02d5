import { Problem } from '../http/problem.js';

/** Room for the event streams of a process: those of single nodes and those of the fleet together. */
export class StreamSlots {
  private taken = 0;

  constructor(private readonly maxStreams: number) {}

  /** Returns what gives the room back, once. Throws a `too-many-streams` problem. */
  take(): () => void {
    if (this.taken >= this.maxStreams) throw tooManyStreams();
    this.taken += 1;
    let isTaken = true;
    return () => {
      if (isTaken) this.taken -= 1;
      isTaken = false;
    };
  }
}

export function tooManyStreams(): Problem {
  return new Problem('too-many-streams', 'This process takes no more event streams now. Try again later.');
}
