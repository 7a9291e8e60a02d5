import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export type Certificate = {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
};

/** An authority of its own, with what it signs, in a folder of files in PEM. Made by openssl, as an operator would. */
export class Authority {
  private readonly folder = mkdtempSync(join(tmpdir(), 'rollcall-certificates-'));
  readonly caFile = this.path('ca.pem');

  constructor() {
    this.openssl(
      ...['req', '-x509', ...KEY, '-days', '30', '-subj', '/CN=an authority'],
      ...['-keyout', this.path('ca.key'), '-out', this.caFile],
    );
  }

  get ca(): string {
    return readFileSync(this.caFile, 'utf8');
  }

  /** `days`: how long it is good for; negative: how long it has not been any more. */
  issue(name: string, { names = 'DNS:localhost,IP:127.0.0.1', days = 30 } = {}): Certificate {
    const [key, request] = [this.path(`${name}.key`), this.path(`${name}.csr`)];
    const [cert, extension] = [this.path(`${name}.crt`), this.path(`${name}.ext`)];
    writeFileSync(extension, `subjectAltName=${names}\n`);
    this.openssl('req', ...KEY, '-subj', `/CN=${name}`, '-keyout', key, '-out', request);
    this.openssl(
      ...['x509', '-req', '-in', request, '-CA', this.caFile, '-CAkey', this.path('ca.key'), '-CAcreateserial'],
      ...['-days', String(days), '-extfile', extension, '-out', cert],
    );
    return { certFile: cert, keyFile: key, cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') };
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private openssl(...args: readonly string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
