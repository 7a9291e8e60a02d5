import { DONE, type EffectOutcome } from '../effect-handler.js';
import type { Queryable } from '../postgres/queryable.js';
import { unnest, valuesOf } from '../postgres/registration-row.js';
import { REMOVE_COLUMNS, type RemoveRequest } from './catalog-row.js';

/** By the very entry, not by the node: its row stays as a fence, with the revision that it has. */
const TEXT = `
WITH raised AS (UPDATE catalog_index SET value = value + 1 RETURNING value)
UPDATE catalog_services AS stored SET present = false
FROM ${unnest(REMOVE_COLUMNS)}, raised
WHERE stored.present AND stored.node = input.node AND stored.service_id = input.service_id`;

/** Removes entries that nobody desires; one that is gone already is fine. Throws what the driver throws; then nothing is written. */
export async function removeServices(
  db: Queryable,
  requests: readonly RemoveRequest[],
): Promise<readonly EffectOutcome[]> {
  await db.query({ name: 'catalog-remove', text: TEXT, values: valuesOf(REMOVE_COLUMNS, requests) });
  return requests.map(() => DONE);
}
