import { accessSync, constants, statSync, type Stats } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { Config } from '../../config.js';
import { firstCause } from '../registry/failures.js';
import { fail, judged, ok, warn, type Finding } from './finding.js';

/** Variables that name a file with a secret in it; certificates of authorities are no secret. */
const SECRET_FILE = /((TOKENS?|PASSWORD|SECRET|KEY|DATABASE_URL)_FILE|^CONSUL_CLIENT_KEY)$/;
const READABLE_BY_OTHERS = 0o004;
const WRITABLE_BY_OTHERS = 0o002;

/** Files that hold secrets: there, readable for us, and for nobody else. */
export function judgeSecretFiles(env: Readonly<Record<string, string | undefined>>): readonly Finding[] {
  const files = Object.entries(env).filter(([name, file]) => SECRET_FILE.test(name) && file);
  return files.flatMap(([name, file = '']) => {
    const check = `files.${name}`;
    const found = statOf(file);
    if (typeof found === 'string' || !isAllowed(file, constants.R_OK)) {
      const what = typeof found === 'string' ? found : `${file} cannot be read by this user`;
      const why = 'What it holds cannot be used; whoever needs it is refused, or does not start.';
      return [
        fail(check, { what: `${name}: ${what}`, why, mend: `Make the file, and give this user the right to read it.` }),
      ];
    }
    return judged(check, `${file} is readable for this user, and not for everybody`, [
      (found.mode & READABLE_BY_OTHERS) !== 0 &&
        warn(check, {
          what: `${name}: every user of this machine can read ${file}`,
          why: 'Whoever gets onto the machine, by whatever program, has the secret too.',
          mend: `chmod o-rwx ${file}, and its owner the user of the registry.`,
        }),
    ]);
  });
}

const LITTLE_BYTES = 2 * 1024 ** 3;
const TOO_LITTLE_BYTES = 256 * 1024 ** 2;

/** The folder of the embedded parts: writable, private, and with room to grow. */
export async function judgeDataFolder({ embedded, stateDatabaseUrl }: Config): Promise<readonly Finding[]> {
  if (stateDatabaseUrl !== null) return [];
  const folder = resolve(embedded.dataDir);
  const existing = nearestExisting(folder);
  const found = statOf(existing);
  if (typeof found === 'string' || !found.isDirectory() || !isAllowed(existing, constants.W_OK | constants.X_OK)) {
    return [
      fail('files.DATA_DIR', {
        what: `${existing} is no folder that this user can write to, and DATA_DIR is ${folder}`,
        why: 'Everything that the registry knows is kept there; without it it does not start.',
        mend: `Give this user the folder (chown), or set DATA_DIR to another one.`,
      }),
    ];
  }
  const isOurs = existing === folder;
  const writable = isOurs && (found.mode & WRITABLE_BY_OTHERS) !== 0;
  return [
    ...judged('files.DATA_DIR', isOurs ? `${folder} can be written to` : `${folder} can be made`, [
      writable &&
        fail('files.DATA_DIR', {
          what: `every user of this machine can write into ${folder}`,
          why: 'The database files can be changed or replaced by anybody.',
          mend: `chmod 700 ${folder}`,
        }),
    ]),
    await judgeRoom(existing),
  ];
}

async function judgeRoom(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  return roomOf(folder, bavail * bsize);
}

/** Exported for tests: a full disk is hard to plant. */
export function roomOf(folder: string, freeBytes: number): Finding {
  const free = `${Math.floor(freeBytes / 1024 ** 2)} MiB`;
  if (freeBytes >= LITTLE_BYTES) return ok('files.room', `${free} are free at ${folder}`);
  return (freeBytes < TOO_LITTLE_BYTES ? fail : warn)('files.room', {
    what: `only ${free} are free at ${folder}`,
    why: 'The journal and the embedded log grow with every message; a full disk stops the registry.',
    mend: 'Make room, set DATA_DIR to a larger disk, or shorten EMBEDDED_LOG_RETENTION_MS.',
  });
}

function nearestExisting(path: string): string {
  const parent = dirname(path);
  return typeof statOf(path) === 'string' && parent !== path ? nearestExisting(parent) : path;
}

function statOf(path: string): Stats | string {
  try {
    return statSync(path);
  } catch (error) {
    return firstCause(error);
  }
}

function isAllowed(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}
