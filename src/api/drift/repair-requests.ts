import { Inject, Injectable, Optional } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';
import { DRIFT_BELL, type DriftBell, type RepairRequest } from '../../runtime/index.js';
import { Problem } from '../http/problem.js';
import { DriftReader } from '../read/drift-reader.js';
import type { DriftRepair } from '../read/drift-repairs.js';

/** Requests whose callers wait at once; who comes on top is answered at once. */
const MAX_WAITING = 50;
/** The audit may run in another process, so its row is looked at. */
const LOOK_EVERY_MS = 250;

/** Hands what an operator asks for to the process that leads the audit, by a row that it looks for every second. */
@Injectable()
export class RepairRequests {
  private waiting = 0;

  constructor(
    @Inject(DriftReader) private readonly drift: DriftReader,
    /** Of the audit in this very process, where there is one. */
    @Optional() @Inject(DRIFT_BELL) private readonly bell: DriftBell | null,
  ) {}

  /** Throws a `too-many-repairs` problem. */
  async ask(request: Omit<RepairRequest, 'id'>): Promise<DriftRepair> {
    const repair = await this.drift.insertRepair({ id: uuidv7(), ...request });
    if (repair === null) throw new Problem('too-many-repairs', 'too many repairs that were asked for are not done yet');
    this.bell?.ring();
    return repair;
  }

  /** The repair once it is done, or as it is when the seconds are over or the client has `gone`. */
  async settled(repair: DriftRepair, seconds: number, gone: AbortSignal): Promise<DriftRepair> {
    if (seconds === 0 || this.waiting >= MAX_WAITING) return repair;
    this.waiting += 1;
    try {
      const end = performance.now() + seconds * 1000;
      let now = repair;
      while (now.status !== 'done' && !gone.aborted && performance.now() < end) {
        await sleep(Math.min(LOOK_EVERY_MS, Math.max(1, end - performance.now())));
        now = (await this.drift.repair(repair.id)) ?? now;
      }
      return now;
    } finally {
      this.waiting -= 1;
    }
  }
}
