import type { EffectOutcome } from '../effect-handler.js';
import { fencedOutcomes } from '../postgres/fenced-outcomes.js';
import type { Queryable } from '../postgres/queryable.js';
import { unnest, valuesOf } from '../postgres/registration-row.js';
import { CATALOG_FENCE } from './catalog-fence.js';
import { catalogRow, REGISTER_COLUMNS, type RegisterRequest } from './catalog-row.js';

/** The row holds the very service that is written: not another type's, and not one that was removed. */
const SAME_SERVICE = 'stored.present AND stored.service_id = excluded.service_id';

/** Only the check is written where that is enough: the service stays as the revision before has left it. */
const SERVICE_STAYS = `${SAME_SERVICE} AND excluded.only_health`;
const staying = (column: string): string =>
  `${column} = CASE WHEN ${SERVICE_STAYS} THEN stored.${column} ELSE excluded.${column} END`;

const EQUAL_SERVICE = ['address', 'port', 'tags', 'meta']
  .map((column) => `stored.${column} = excluded.${column}`)
  .join(' AND ');
const EQUAL_CHECK = 'stored.check_status = excluded.check_status AND stored.check_output = excluded.check_output';

/**
 * The index is raised first: writers go one after the other, in one order, so that none waits for rows of another. A node has
 * one row whatever its type, so the service of a former type goes as the new one comes.
 */
const TEXT = `
WITH input AS MATERIALIZED (SELECT * FROM ${unnest(REGISTER_COLUMNS)}),
raised AS (UPDATE catalog_index SET value = value + 1 RETURNING value),
nodes AS (
  INSERT INTO catalog_nodes (node, address, meta, create_index)
  SELECT DISTINCT node, node_address, node_meta::jsonb, raised.value FROM input, raised ORDER BY node
  ON CONFLICT (node) DO NOTHING
)
INSERT INTO catalog_services AS stored (
  node_id, present, revision, node, service_id, service_name, address, port, tags, folded_tags, meta,
  check_id, check_name, check_status, check_output, only_health, create_index, modify_index, check_modify_index
)
SELECT
  node_id, true, revision, node, service_id, service_name, address, port, tags::jsonb, folded_tags::jsonb, meta::jsonb,
  check_id, check_name, check_status, check_output, only_health, raised.value, raised.value, raised.value
FROM input, raised
ORDER BY node_id COLLATE "C"
ON CONFLICT (node_id) DO UPDATE SET
  present = true,
  revision = excluded.revision,
  node = excluded.node,
  service_id = excluded.service_id,
  service_name = excluded.service_name,
  ${['address', 'port', 'tags', 'folded_tags', 'meta'].map(staying).join(',\n  ')},
  check_id = excluded.check_id,
  check_name = excluded.check_name,
  check_status = excluded.check_status,
  check_output = excluded.check_output,
  only_health = excluded.only_health,
  create_index = CASE WHEN ${SAME_SERVICE} THEN stored.create_index ELSE excluded.create_index END,
  modify_index = CASE
    WHEN ${SAME_SERVICE} AND (excluded.only_health OR ${EQUAL_SERVICE}) THEN stored.modify_index
    ELSE excluded.modify_index
  END,
  check_modify_index = CASE
    WHEN ${SAME_SERVICE} AND ${EQUAL_CHECK} THEN stored.check_modify_index
    ELSE excluded.check_modify_index
  END
WHERE stored.revision <= excluded.revision
RETURNING node_id`;

/**
 * Writes services with their checks in one statement; a row of a higher revision stays, and fails with
 * CONSUL_VALIDATION_ERROR. At most one request a node. Throws what the driver throws; then nothing is written.
 */
export async function registerServices(
  db: Queryable,
  requests: readonly RegisterRequest[],
  registryId: string,
): Promise<readonly EffectOutcome[]> {
  const values = valuesOf(
    REGISTER_COLUMNS,
    requests.map((request) => catalogRow(request, registryId)),
  );
  const { rows } = await db.query<{ node_id: string }>({ name: 'catalog-register', text: TEXT, values });
  return fencedOutcomes(db, requests, rows, CATALOG_FENCE);
}
