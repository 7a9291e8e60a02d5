import { Inject, Injectable } from '@nestjs/common';
import { type Database, STATE_DATABASE, type RepairRequest } from '../../runtime/index.js';
import { driftFindings, type DriftFilter, type DriftItem } from './drift-findings.js';
import { driftRepair, insertDriftRepair, type DriftRepair } from './drift-repairs.js';
import { driftStatus, type BackendDrift } from './drift-status.js';
import type { Page } from './node.js';
import { Slots } from './slots.js';

const MAX_READS = 2;

/** What the drift audit tells of itself, and what operators ask of it. Every method throws StateUnavailable. */
@Injectable()
export class DriftReader {
  private readonly slots = new Slots(MAX_READS);

  constructor(@Inject(STATE_DATABASE) private readonly database: Database) {}

  status(): Promise<readonly BackendDrift[]> {
    return this.slots.run(() => driftStatus(this.database));
  }

  findings(
    filter: DriftFilter,
    slice: { readonly limit: number; readonly after: string | null },
  ): Promise<Page<DriftItem, string>> {
    return this.slots.run(() => driftFindings(this.database, filter, slice));
  }

  /** Null where too many requests wait already. */
  insertRepair(request: RepairRequest): Promise<DriftRepair | null> {
    return this.slots.run(() => insertDriftRepair(this.database, request));
  }

  /** Null where nothing of this id is known. */
  repair(id: string): Promise<DriftRepair | null> {
    return this.slots.run(() => driftRepair(this.database, id));
  }
}
