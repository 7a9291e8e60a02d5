import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../config.js';
import { createLog, openStateDatabase, readHistories, type History } from '../runtime/index.js';
import { readJournalFile } from './read-journal-file.js';

/** Histories, and the registry that they are of. */
export type JournalSource = { readonly registryId: string; readonly histories: AsyncIterable<History> };

const CONNECT_WITHIN_MS = 15_000;

/** Opens a file, or the registry's own database where there is none, for the time of `work`; with a node, only its histories. */
export async function withJournal<T>(
  from: string | undefined,
  nodeId: string | undefined,
  work: (source: JournalSource) => Promise<T>,
): Promise<T> {
  const limited = ({ registryId, histories }: JournalSource): Promise<T> =>
    work({ registryId, histories: nodeId === undefined ? histories : onlyOf(histories, nodeId) });
  if (from === undefined) return withStateDatabase(nodeId, limited);
  const { header, histories } = await readJournalFile(from);
  return limited({ registryId: header.registryId, histories });
}

/** Throws at the end when there is nothing of the node: its name is mistyped, or the journal is another registry's. */
async function* onlyOf(histories: AsyncIterable<History>, nodeId: string): AsyncGenerator<History> {
  let known = false;
  for await (const history of histories) {
    if (history.nodeId !== nodeId) continue;
    known = true;
    yield history;
  }
  if (!known) throw new Error(`no node named ${nodeId} has ever been here`);
}

async function withStateDatabase<T>(
  nodeId: string | undefined,
  work: (source: JournalSource) => Promise<T>,
): Promise<T> {
  const { stateDatabaseUrl: databaseUrl, embedded, registryId } = loadConfig();
  let unusable: (error: unknown) => void = () => undefined;
  const fatal = new Promise<never>((_resolve, reject) => (unusable = reject));
  const options = { databaseUrl, dataDir: embedded.dataDir, migrations: [], onFatal: unusable };
  const database = openStateDatabase(options, createLog('silent'));
  // Once it is late, asking for the pool throws what was in the way.
  const late = sleep(CONNECT_WITHIN_MS, undefined, { ref: false }).then(() => database.pool);
  try {
    await Promise.race([database.ready, fatal, late]);
    return await work({ registryId, histories: readHistories(database, nodeId ?? null) });
  } finally {
    await database.close();
  }
}
