import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createNodeTexts } from '../driver/node-texts.js';
import type { Place } from '../scenario.js';
import { createTables, writeRegistered, type Row } from './rows.js';

const BATCH = 500;
/** Two keep the server busy while the next batch is made. */
const CONNECTIONS = 2;

/** The yardstick `rP`: registrations and a journal row each, 500 in one statement and transaction, over two connections; durable. */
export async function upsertRows(
  { databaseUrl }: Place,
  done: (operations: number) => void,
  isOver: () => boolean,
): Promise<void> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: CONNECTIONS });
  await createTables(pool);
  const texts = createNodeTexts();
  let made = 0;
  const batch = (): Row[] =>
    Array.from({ length: BATCH }, () => {
      const nodeId = `bench-${String((made += 1)).padStart(6, '0')}`;
      const input = texts.introspection(nodeId, randomUUID());
      const record = input.slice(input.indexOf('"payload":') + '"payload":'.length, -1);
      return { nodeId, record, eventId: randomUUID(), input };
    });
  const loop = async (): Promise<void> => {
    while (!isOver()) {
      await writeRegistered(pool, batch());
      done(BATCH);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, loop));
  await pool.end();
}
