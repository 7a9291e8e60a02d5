import { describe, expect, it } from '@jest/globals';
import { BrowserGuard } from '../../src/api/access/browser-guard.js';

const guard = new BrowserGuard({ own: '10.0.0.5', allowed: ['rollcall.example.com'], checksHost: true });

function verdict(
  headers: Record<string, string>,
  { method = 'GET', isUpgrade = false, sut = guard } = {},
): string | null {
  return sut.refusal({ method, headers, isUpgrade })?.type ?? null;
}

describe('names by which a browser may reach us', () => {
  it.each([
    'localhost',
    'localhost:3000',
    'LOCALHOST:3000',
    'localhost.:3000',
    'rollcall.localhost:3000',
    '127.0.0.1:3000',
    '10.0.0.5:3000',
    '192.168.1.7',
    '[::1]:3000',
    'rollcall.example.com',
    'Rollcall.Example.com:8443',
  ])('%s', (host) => {
    expect(verdict({ host })).toBeNull();
    // Once more, from memory.
    expect(verdict({ host })).toBeNull();
  });

  it.each([
    'evil.example',
    'evil.example:3000',
    'localhost.evil.example',
    'rollcall.example.com.evil.example',
    'xrollcall.example.com',
    '127.0.0.1.evil.example',
    '127.0.0.1.nip.io:3000',
    'evil.example@localhost',
    'localhost/evil.example',
    '',
    ':3000',
    '[evil.example]:3000',
  ])('not %j', (host) => {
    expect(verdict({ host })).toBe('host-not-allowed');
  });

  it('a program that sends none is no browser', () => {
    expect(verdict({})).toBeNull();
  });

  it('are not asked for where everybody has to authenticate', () => {
    const sut = new BrowserGuard({ own: '0.0.0.0', allowed: [], checksHost: false });
    expect(verdict({ host: 'anything.example' }, { sut })).toBeNull();
  });

  it('do not fill the memory', () => {
    const sut = new BrowserGuard({ own: 'localhost', allowed: [], checksHost: true });
    for (let n = 0; n < 3000; n++) expect(verdict({ host: `a${n}.localhost` }, { sut })).toBeNull();
    expect((sut as unknown as { good: Set<string> }).good.size).toBe(1000);
  });
});

describe('where a request comes from', () => {
  const host = 'localhost:3000';

  it.each([
    ['no page at all', {}],
    ['a page of ours', { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:3000' }],
    ['the address bar', { 'sec-fetch-site': 'none' }],
    ['a page of ours, in a browser that tells less', { origin: 'http://localhost:3000' }],
    ['a page that a proxy serves', { origin: 'https://rollcall.example.com' }],
  ])('%s may command', (_what, headers) => {
    for (const method of ['POST', 'DELETE', 'PUT', 'PATCH'])
      expect(verdict({ host, ...headers }, { method })).toBeNull();
    expect(verdict({ host, ...headers }, { isUpgrade: true })).toBeNull();
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site' }],
    ['another name of the same site', { 'sec-fetch-site': 'same-site' }],
    ['another site that claims our origin', { 'sec-fetch-site': 'cross-site', origin: 'http://localhost:3000' }],
    ['something new', { 'sec-fetch-site': 'elsewhere' }],
    ['another site, in a browser that tells less', { origin: 'http://evil.example' }],
    ['another port of this machine', { origin: 'http://localhost:8080' }],
    ['a page in a frame without origin', { origin: 'null' }],
    ['an origin that is none', { origin: 'localhost:3000' }],
    ['a file', { origin: 'file://' }],
  ])('%s may not', (_what, headers) => {
    for (const method of ['POST', 'DELETE', 'TRACE'])
      expect(verdict({ host, ...headers }, { method })).toBe('cross-site');
    expect(verdict({ host, ...headers }, { isUpgrade: true })).toBe('cross-site');
    // It cannot read the answer, as no CORS header lets it.
    expect(verdict({ host, ...headers })).toBeNull();
  });

  it('knows the default ports', () => {
    expect(
      verdict({ host: 'rollcall.localhost:80', origin: 'http://rollcall.localhost' }, { method: 'POST' }),
    ).toBeNull();
    expect(verdict({ host: 'rollcall.localhost:81', origin: 'http://rollcall.localhost' }, { method: 'POST' })).toBe(
      'cross-site',
    );
  });
});
