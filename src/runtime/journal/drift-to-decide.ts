import type { Held } from '../drift/drift-report.js';
import { decidedBy, heldText } from '../drift/held-reasons.js';
import type { Queryable } from './due-deadlines.js';

/** Repair that an operator has to decide about. `heldSince`: RFC 3339, UTC. */
export type ToDecide = Held & { readonly backend: string; readonly text: string; readonly heldSince: string };

/** For each backend the largest part of what is held back until an operator says what to do; empty where nothing is. */
export async function driftToDecide(database: Queryable): Promise<readonly ToDecide[]> {
  const { rows } = await database.query<{ backend: string; held: readonly Held[]; held_since: Date }>(
    'select backend, held, held_since from drift_status where needs_operator order by backend',
  );
  return rows.flatMap(({ backend, held, held_since }) => {
    const [first] = held
      .filter(({ reason }) => decidedBy(reason) === 'operator')
      .sort((one, other) => other.entries - one.entries);
    if (first === undefined) return [];
    return [{ ...first, backend, text: heldText(first.reason), heldSince: held_since.toISOString() }];
  });
}
