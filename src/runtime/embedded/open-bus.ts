import { Database } from '../journal/database.js';
import type { TablePrivileges } from '../journal/privileges.js';
import type { Log } from '../log.js';
import { busMigrations } from './migrations/index.js';

export const busPrivileges: TablePrivileges = {
  bus_records: ['SELECT', 'INSERT', 'DELETE'],
  bus_end: ['SELECT', 'UPDATE'],
  bus_groups: ['SELECT', 'INSERT', 'UPDATE'],
  bus_offsets: ['SELECT', 'INSERT', 'UPDATE'],
};

/** The tables of the log in the state database. */
export function openBus(state: Database, log: Log): Database {
  return new Database({ name: 'bus', shares: state, migrations: busMigrations, privileges: busPrivileges, log });
}
