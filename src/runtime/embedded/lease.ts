import type { Pool } from 'pg';

/** A crashed process holds its groups for so long. */
export const LEASE_MS = 5000;
export const RENEW_EVERY_MS = 1500;

/**
 * Takes the groups that nobody holds, and renews those that we hold, all by the database's clock. Returns the groups that
 * are ours now. Nobody waits for the disk: a lease that a crash swallows runs out either way.
 */
export async function renewLeases(pool: Pool, owner: string, groups: readonly string[]): Promise<readonly string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `with lazily as materialized (select set_config('synchronous_commit', 'off', true)),
     free as (
       select name from bus_groups
       where name = any($2::text[]) and (owner is null or owner = $1 or leased_until < clock_timestamp())
       order by name for update
     )
     update bus_groups g
     set owner = $1, leased_until = clock_timestamp() + $3 * interval '1 millisecond', seen_at = clock_timestamp()
     from free, lazily where g.name = free.name
     returning g.name`,
    [owner, groups, LEASE_MS],
  );
  return rows.map(({ name }) => name);
}

/** Another process need not wait until they run out. */
export async function returnLeases(pool: Pool, owner: string): Promise<void> {
  await pool.query('update bus_groups set owner = null, leased_until = null where owner = $1', [owner]);
}
