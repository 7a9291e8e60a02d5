import { setTimeout as sleep } from 'node:timers/promises';
import type { Drift, DriftRepair } from '../../api-answers/answers.js';
import type { Registry } from '../registry/registry.js';

const LOOK_EVERY_MS = 1000;

export type DriftFilter = {
  readonly backend?: string | undefined;
  readonly nodeId?: string | undefined;
  readonly drift?: string | undefined;
};

/** The registry's REST API, as far as drift goes. Methods throw RegistryRefusal and RegistryUnreachable. */
export class DriftRest {
  constructor(
    private readonly registry: Registry,
    private readonly filter: DriftFilter,
    private readonly limit: number,
  ) {}

  read(): Promise<Drift> {
    return this.registry.get<Drift>('/v1/drift', { ...this.filter, limit: String(this.limit) });
  }

  /** Asks for a repair, and waits for its outcome at most as long as told. */
  async repair(how: { readonly dryRun: boolean; readonly force: boolean }, waitSeconds: number): Promise<DriftRepair> {
    const end = Date.now() + waitSeconds * 1000;
    const body = { ...this.filter, ...how };
    const asked = await this.registry.ask<DriftRepair>({ method: 'POST', path: '/v1/drift/repair', body, waitSeconds });
    let repair = asked.body;
    while (repair.status !== 'done' && Date.now() < end) {
      await sleep(LOOK_EVERY_MS);
      repair = await this.registry.get<DriftRepair>(`/v1/drift/repairs/${repair.id}`);
    }
    return repair;
  }

  /** The state of affairs once an audit began after `since` at every backend that counts, or when the time is over. */
  async readAfter(since: string, end: number): Promise<Drift> {
    for (;;) {
      const drift = await this.read();
      const { backend } = this.filter;
      const counted = drift.backends.filter((one) => backend === undefined || one.backend === backend);
      if (counted.every(({ startedAt }) => startedAt > since) || Date.now() >= end) return drift;
      await sleep(LOOK_EVERY_MS);
    }
  }
}
