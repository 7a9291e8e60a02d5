import { readSmallFile } from './read-file.js';

type Files = {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly serverName?: string | undefined;
};

/** What a connection by TLS is made with: texts in PEM, in the words of Node's `tls.connect`. */
export type TlsMaterial = {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
};

/**
 * What the files hold now, for each connection anew: a certificate that was renewed is used by the next one. While one cannot be read it
 * is what it was.
 */
export function tlsFrom({ ca, cert, key, serverName }: Files): () => TlsMaterial {
  const known = new Map<string, string>();
  const textOf = (path: string): string => {
    const read = readSmallFile(path);
    if (read.ok) known.set(path, read.text);
    return known.get(path) ?? '';
  };
  const now = (): TlsMaterial => ({
    ...(ca !== undefined && { ca: textOf(ca) }),
    ...(cert !== undefined && { cert: textOf(cert) }),
    ...(key !== undefined && { key: textOf(key) }),
    ...(serverName !== undefined && { servername: serverName }),
  });
  now();
  return now;
}
