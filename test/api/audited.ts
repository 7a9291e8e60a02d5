import type { Database } from '../../src/runtime/index.js';

/** A database that has nothing but the audit of commands: every other statement fails as told. */
export function auditedOnly(error: () => Error): Pick<Database, 'pool'> {
  const query = ({ text }: { readonly text: string }) =>
    text.includes('api_audit') ? Promise.resolve({ rows: [] }) : Promise.reject(error());
  return { pool: { query } as unknown as Database['pool'] };
}
