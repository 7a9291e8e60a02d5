import { readFileSync } from 'node:fs';

/** Longer than any certificate chain or secret; whoever names a log or a device by mistake is told so. Bytes. */
const MAX_BYTES = 1024 * 1024;

export type FileText = { readonly ok: true; readonly text: string } | { readonly ok: false; readonly problem: string };

/** A small file as text, or why it cannot be had, as the end of a sentence about the variable that names it. */
export function readSmallFile(path: string): FileText {
  try {
    const text = readFileSync(path, 'utf8');
    if (text.length > MAX_BYTES) return refused('is longer than 1 MiB: it is not the file that is meant');
    return text.trim() === '' ? refused('is empty') : { ok: true, text };
  } catch (error) {
    return refused(reasonOf(error));
  }
}

function refused(problem: string): FileText {
  return { ok: false, problem };
}

function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'is not there';
    case 'EACCES':
    case 'EPERM':
      return 'may not be read by this user: see its owner and mode';
    case 'EISDIR':
      return 'is a folder';
    default:
      return `cannot be read (${(error as Error).message})`;
  }
}
