import { readSmallFile } from './read-file.js';

const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'];
/** libpq tries again without TLS, or with it; the driver does not. */
const OF_TWO_MINDS = ['allow', 'prefer'];
const FILES = ['sslrootcert', 'sslcert', 'sslkey'];

/** What is wrong with how the URL of a database asks for TLS: the end of a sentence about it, or null. */
export function mistakeInPostgresUrl(text: string): string | null {
  const parameters = new URL(text).searchParams;
  const mode = parameters.get('sslmode');
  if (mode !== null && OF_TWO_MINDS.includes(mode)) {
    return `has sslmode=${mode}, which would go without TLS where there is none: say disable, require, verify-ca or verify-full`;
  }
  if (mode !== null && !SSL_MODES.includes(mode)) {
    return `has an sslmode that does not exist: say disable, require, verify-ca or verify-full`;
  }
  if (mode === 'verify-ca' && [null, 'system'].includes(parameters.get('sslrootcert'))) {
    return 'has sslmode=verify-ca without sslrootcert, the file with the certificate to trust: any public authority would do for anybody’s server';
  }
  if (parameters.has('sslcert') !== parameters.has('sslkey')) return 'needs both sslcert and sslkey, or neither';
  if (mode === null && FILES.some((name) => parameters.has(name))) {
    return 'names certificates, but no sslmode: say sslmode=verify-full';
  }
  for (const name of FILES) {
    const path = parameters.get(name);
    if (path === null || (name === 'sslrootcert' && path === 'system')) continue;
    const read = readSmallFile(path);
    if (!read.ok) return `names the file ${path} by ${name}, which ${read.problem}`;
    if (!read.text.includes('-----BEGIN ')) return `names the file ${path} by ${name}, which is not in PEM`;
  }
  return null;
}
