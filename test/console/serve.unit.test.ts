import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Database } from '../../src/runtime/index.js';
import { startApi, type TestApi } from '../api/test-app.js';

const NO_DATABASE: Pick<Database, 'pool'> = {
  get pool(): Database['pool'] {
    throw new Error('nobody needs it');
  },
};
const PAGE = '<!doctype html><title>Rollcall</title>';
const SCRIPT = 'export const answer = 42; // '.padEnd(2000, 'x');

describe('the console as it is served', () => {
  let directory: string;
  let api: TestApi;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'rollcall-console-'));
    await mkdir(join(directory, 'assets'));
    await writeFile(join(directory, 'index.html'), PAGE);
    await writeFile(join(directory, 'assets/main-abc.js'), SCRIPT);
    await writeFile(join(directory, 'assets/main-abc.js.br'), brotliCompressSync(SCRIPT));
    await writeFile(join(directory, 'secret.txt'), 'not an asset');
    api = await startApi(NO_DATABASE, { consoleDirectory: directory });
  });
  afterAll(async () => {
    await api.close();
    await rm(directory, { recursive: true });
  });

  it.each(['/console', '/console/', '/console?q=a', '/console/nodes/a-1.js', '/console/dead-letters/x'])(
    '%s is the page, asked for anew each time',
    async (path) => {
      const { status, type, headers, text } = await api.request(path);
      expect([status, type, text]).toEqual([200, 'text/html', PAGE]);
      expect(headers.get('cache-control')).toBe('no-cache');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  it('allows nothing inline and nothing from elsewhere', async () => {
    const { headers } = await api.request('/console');
    const policy = Object.fromEntries(
      (headers.get('content-security-policy') ?? '')
        .split('; ')
        .map((part) => [part.split(' ')[0], part.split(' ').slice(1)]),
    );
    expect(policy['default-src']).toEqual(["'none'"]);
    for (const kind of ['script-src', 'style-src', 'connect-src', 'img-src']) expect(policy[kind]).toEqual(["'self'"]);
    for (const kind of ['base-uri', 'frame-ancestors', 'form-action']) expect(policy[kind]).toEqual(["'none'"]);
    expect(JSON.stringify(policy)).not.toMatch(/unsafe|\*|http|data:/);
  });

  it('serves assets for good, compressed where that is wanted', async () => {
    const plain = await api.request('/console/assets/main-abc.js', { headers: { 'accept-encoding': 'identity' } });
    expect([plain.status, plain.type, plain.text]).toEqual([200, expect.stringMatching(/\/javascript$/), SCRIPT]);
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const packed = await api.request('/console/assets/main-abc.js', { headers: { 'accept-encoding': 'br' } });
    expect([packed.headers.get('content-encoding'), packed.text]).toEqual(['br', SCRIPT]);
  });

  it('says that an asset is missing, instead of giving the page for it', async () => {
    const { status, body } = await api.request('/console/assets/main-old.js');
    expect([status, body]).toMatchObject([404, { type: '/problems/route-not-found' }]);
  });

  it.each(['/console/assets/..%2fsecret.txt', '/console/assets/%2e%2e/secret.txt', '/console/secret.txt'])(
    '%s leads to no other file',
    async (path) => {
      expect((await api.request(path)).text).not.toContain('not an asset');
    },
  );

  it('is named on the first page', async () => {
    expect((await api.request('/')).text).toContain('href="/console"');
  });

  it('is not there where it was not built', async () => {
    const other = await startApi(NO_DATABASE, { consoleDirectory: join(directory, 'nothing') });
    try {
      expect((await other.request('/console')).status).toBe(404);
      expect((await other.request('/')).text).not.toContain('/console');
    } finally {
      await other.close();
    }
  });
});
