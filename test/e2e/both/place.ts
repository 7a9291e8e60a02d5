import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
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

/** A port that nobody listens on: a registry that starts again has to be found again. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
