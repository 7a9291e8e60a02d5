import { statSync } from 'node:fs';
import type { About } from './fields.js';
import { readSmallFile } from './read-file.js';
import { variables, type Variable } from './variables.js';

export type WithFiles = {
  /** The variables, with what their files hold in place of the files' names. */
  readonly values: Readonly<Record<string, string>>;
  /** Which variable came from which file. */
  readonly files: Readonly<Partial<Record<Variable, string>>>;
  readonly mistakes: readonly string[];
  readonly warnings: readonly string[];
};

const FILE = '_FILE';

/**
 * `CONSUL_HTTP_TOKEN_FILE` and its like: each names a file with the value of the variable without the end. Where that name is a variable
 * of its own, it reads its file in its own way.
 */
export const FILE_VARIABLES: ReadonlyMap<string, Variable> = new Map(
  Object.entries(variables.shape)
    .filter(([, schema]) => (schema.meta() as About).file === true)
    .map(([variable]) => [`${variable}${FILE}`, variable as Variable] as const)
    .filter(([name]) => !Object.hasOwn(variables.shape, name)),
);

/** Reads the files that an environment names in place of secrets, as they are mounted into containers. */
export function readSecretFiles(given: Readonly<Record<string, string>>): WithFiles {
  const values: Record<string, string> = {};
  const files: Partial<Record<Variable, string>> = {};
  const mistakes: string[] = [];
  const warnings: string[] = [];
  for (const [name, value] of Object.entries(given)) {
    const variable = FILE_VARIABLES.get(name);
    if (variable === undefined) {
      values[name] = value;
    } else if (given[variable] !== undefined) {
      mistakes.push(`${name} and ${variable} are both set: leave one of them out`);
    } else {
      const secret = readSecret(value);
      if (secret.ok) values[variable] = secret.text;
      else mistakes.push(`${name}=${JSON.stringify(value)} ${secret.problem}. Expected: a file that holds ${variable}`);
      files[variable] = value;
      if (secret.ok && isReadByAll(value)) {
        warnings.push(`${name}: every user of this machine may read ${value}; "chmod o-r" would change that`);
      }
    }
  }
  return { values, files, mistakes, warnings };
}

/** What an editor or `echo` puts behind the last line is no part of a secret. */
export function readSecret(path: string): ReturnType<typeof readSmallFile> {
  const read = readSmallFile(path);
  return read.ok ? { ok: true, text: read.text.replace(/[\r\n]+$/, '') } : read;
}

function isReadByAll(path: string): boolean {
  return (statSync(path).mode & 0o004) !== 0;
}
