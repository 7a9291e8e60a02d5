import { renameSync, rmSync, statSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import type { DataFolder } from './data-folder.js';
import { EmbeddedPostgresError, isCode } from './embedded-postgres-error.js';

/** Ours until {@link release}, or until the process ends, however that comes about. */
export type Claim = { release(): Promise<void> };

/**
 * Two engines on one set of files would destroy them, and a file that says "in use" outlives a killed process. So the
 * owner of a folder listens on a socket in it: while somebody answers there, the folder is taken.
 * Throws {@link EmbeddedPostgresError} when it is.
 */
export async function claimFolder(folder: DataFolder): Promise<Claim> {
  const { claim } = folder;
  const found = inodeOf(claim);
  if (found !== null) {
    if (await isAnswered(claim)) throw taken(folder);
    // Left by a process that was killed. It is moved away rather than deleted: who comes second of two that found it
    // moves the socket of the first, sees that, and gives it back.
    const stale = `${claim}.${process.pid}`;
    try {
      renameSync(claim, stale);
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
      throw taken(folder);
    }
    if (inodeOf(stale) !== found) {
      renameSync(stale, claim);
      throw taken(folder);
    }
    try {
      return await listen(folder);
    } finally {
      rmSync(stale, { force: true });
    }
  }
  return listen(folder);
}

async function listen(folder: DataFolder): Promise<Claim> {
  // Nothing is said here; that the connection is taken is the answer.
  const server = createServer((socket) => socket.destroy());
  try {
    await bind(server, folder.claim);
  } catch (error) {
    if (isCode(error, 'EADDRINUSE')) throw taken(folder);
    throw new EmbeddedPostgresError(
      `cannot open a socket at ${folder.claim}: its file system may not allow it; set DATA_DIR to another folder`,
      { cause: error },
    );
  }
  server.unref();
  return { release: () => new Promise((resolve) => server.close(() => resolve())) };
}

function bind(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      if (isCode(error, 'ECONNREFUSED') || isCode(error, 'ENOENT')) resolve(false);
      else reject(error);
    });
  });
}

function taken({ dir }: DataFolder): EmbeddedPostgresError {
  return new EmbeddedPostgresError(`another Rollcall uses ${dir}: stop it, or set DATA_DIR to another folder`);
}

function inodeOf(path: string): bigint | null {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino ?? null;
}
