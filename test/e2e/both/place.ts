import { freePorts } from '../../../src/chaos/world/ports.js';
import type { replayProblems } from '../journal.js';
import type { Environment, Rollcall } from '../rollcall.js';

/** Where a registry keeps what it knows: the same suite runs in each. */
export type Place = {
  /** Starts a Rollcall there, time after time, on the same port. */
  readonly environment: Environment;
  /** `http://host:port` of the registry, while it runs. */
  readonly url: string;
  readonly registryId: string;
  /** The part before Consul's own paths, by which consumers find services. */
  consul(rollcall: Rollcall): string;
  /** Folds the journal from empty; on the embedded database only while no registry runs. */
  fold(): ReturnType<typeof replayProblems>;
  /** Appends what no registry can read to the topic of heartbeats; null where the log takes no other writers. */
  readonly appendRubbish: ((nodeId: string) => Promise<void>) | null;
  /** Leaves nothing behind. */
  clear(): Promise<void>;
};

/** Makes a place of its own, with these variables set. */
export type MakePlace = (overrides: Environment) => Promise<Place>;

/**
 * A port that nobody listens on: a registry that starts again has to be found again. The system gives it to nobody else while the
 * registry is away, as it is below the range of those that it gives.
 */
export function freePort(): Promise<number> {
  return freePorts(1);
}
