import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '../../api-answers/answers.js';
import type { Registry } from './registry.js';

const LOOK_EVERY_MS = 500;

/** The operation as it is once it is settled, or when the time is over. */
export async function awaitOperation(registry: Registry, id: string, end: number): Promise<Operation> {
  for (;;) {
    const operation = await registry.get<Operation>(`/v1/operations/${encodeURIComponent(id)}`);
    if (operation.status !== 'pending' || Date.now() >= end) return operation;
    await sleep(Math.max(0, Math.min(LOOK_EVERY_MS, end - Date.now())));
  }
}
