import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigError, describeConfig, loadConfig } from '../../src/config.js';
import { newToken } from '../../src/token/new-token.js';
import { parsed } from '../../src/token/options.js';

const HASH = 'ab'.repeat(32);
const OTHER = 'cd'.repeat(32);

function mistakes(env: Record<string, string>): readonly string[] {
  try {
    loadConfig(env);
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.mistakes;
    throw error;
  }
}

describe('ADMIN_TOKENS', () => {
  it.each([
    ['commas', `alice:admin:${HASH},bob:reader:${OTHER}`],
    ['semicolons and blanks', `alice:admin:${HASH} ;  bob:reader:${OTHER};`],
    ['lines with comments', `# who may\nalice:admin:${HASH} # since May\n\n\tbob:reader:${OTHER.toUpperCase()}\n# end`],
    ['lines of another system', `alice:admin:${HASH}\r\nbob:reader:${OTHER}\r\n`],
  ])('is a list, by %s', (_what, text) => {
    expect(loadConfig({ ADMIN_TOKENS: text }).access).toMatchObject({
      open: false,
      tokens: [
        { name: 'alice', role: 'admin', nodes: null, sha256: HASH },
        { name: 'bob', role: 'reader', nodes: null, sha256: OTHER },
      ],
    });
  });

  it.each([
    [`edge:node:${HASH}`, null],
    [`edge:node:worker-1:${HASH}`, 'worker-1'],
    [`edge:node:worker-*:${HASH}`, 'worker-*'],
  ])('binds a node: %s', (entry, nodes) => {
    expect(loadConfig({ ADMIN_TOKENS: entry }).access.tokens).toEqual([
      { name: 'edge', role: 'node', nodes, sha256: HASH },
    ]);
  });

  it.each([
    ['alice', /entry 1 must be name:role:hash/],
    [`alice:admin:x:y:${HASH}`, /entry 1 \(alice\) must be name:role:hash/],
    [`alice:root:${HASH}`, /entry 1 \(alice\) must have one of the roles reader, operator, admin, node/],
    [`-a:admin:${HASH}`, /entry 1 must begin with a name/],
    ['alice:admin:rollcall_this-is-the-token', /entry 1 \(alice\) must end with the SHA-256.*never with the token/],
    [`alice:admin:${HASH}0`, /SHA-256/],
    [`alice:reader:worker-*:${HASH}`, /only the role node can be bound/],
    [`edge:node:*:${HASH}`, /must be bound to a node id/],
    [`edge:node:a*b:${HASH}`, /must be bound to a node id/],
    [`a:admin:${HASH} b:reader:${HASH}`, /entry 2 \(b\) has the hash of an earlier one/],
    ['# nobody', /there is no entry in it/],
  ])('refuses %s, without showing it', (text, why) => {
    const found = mistakes({ ADMIN_TOKENS: text });
    expect(found).toEqual([expect.stringMatching(/^ADMIN_TOKENS=\*\*\* is not valid: /)]);
    expect(found[0]).toMatch(why);
    expect(found[0]).not.toMatch(/this-is-the-token|abab/);
  });

  it('names every entry that is wrong', () => {
    const [found] = mistakes({ ADMIN_TOKENS: `a:admin:x, b:admin:${HASH}, c:chief:${OTHER}` });
    expect(found).toMatch(/entry 1 \(a\).*; entry 3 \(c\)/);
  });

  it('is printed by names and roles alone', () => {
    const text = JSON.stringify(describeConfig(loadConfig({ ADMIN_TOKENS: `alice:admin:${HASH}` })));
    expect(text).toContain('alice:admin');
    expect(text).not.toContain('abab');
  });

  describe('in a file', () => {
    let folder: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'rollcall-tokens-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));

    it('is added to those of the variable', async () => {
      const path = join(folder, 'tokens');
      await writeFile(path, `# by hand\nbob:reader:${OTHER}\n`);
      const { tokens } = loadConfig({ ADMIN_TOKENS: `alice:admin:${HASH}`, ADMIN_TOKENS_FILE: path }).access;
      expect(tokens.map(({ name }) => name)).toEqual(['alice', 'bob']);
    });

    it('has to be there, and to be sound', async () => {
      const path = join(folder, 'nowhere');
      expect(mistakes({ ADMIN_TOKENS_FILE: path })).toEqual([
        expect.stringMatching(/^ADMIN_TOKENS_FILE=.*cannot be read \(ENOENT.*\)$/),
      ]);
      await writeFile(join(folder, 'bad'), 'alice:admin:secret-token');
      const [found] = mistakes({ ADMIN_TOKENS_FILE: join(folder, 'bad') });
      expect(found).toMatch(/entry 1 \(alice\)/);
      expect(found).not.toContain('secret-token');
    });
  });
});

describe('npm run token', () => {
  it('makes a token that its entry knows', () => {
    const { token, entry } = newToken({ name: 'alice', role: 'operator', nodes: null });
    const { tokens } = loadConfig({ ADMIN_TOKENS: entry }).access;
    expect(tokens).toEqual([
      { name: 'alice', role: 'operator', nodes: null, sha256: createHash('sha256').update(token).digest('hex') },
    ]);
    // 256 bits, and another one each time.
    expect(token).toMatch(/^rollcall_[\w-]{43}$/);
    expect(newToken({ name: 'alice', role: 'operator', nodes: null }).token).not.toBe(token);
  });

  it('takes what the registry takes', () => {
    expect(parsed(['--name', 'edge', '--role', 'node', '--nodes', 'worker-*'])).toEqual({
      kind: 'wanted',
      wanted: { name: 'edge', role: 'node', nodes: 'worker-*', json: false },
    });
    expect(parsed(['--help']).kind).toBe('help');
  });

  it.each([
    [[]],
    [['--name', 'alice']],
    [['--name', 'alice', '--role', 'root']],
    [['--name', 'a b', '--role', 'reader']],
    [['--name', 'a#b', '--role', 'reader']],
    [['--name', 'a:b', '--role', 'reader']],
    [['--name', 'a', '--role', 'reader', '--nodes', 'x']],
    [['--name', 'a', '--role', 'node', '--nodes', 'x,y']],
    [['--colour']],
  ])('refuses %j', (args) => {
    expect(parsed(args)).toMatchObject({ kind: 'wrong' });
  });
});

describe('who may be reached by strangers', () => {
  it.each(['127.0.0.1', '127.8.0.1', '::1', 'localhost'])('%s is this machine alone', (HOST) => {
    expect(loadConfig({ HOST }).access).toMatchObject({
      open: true,
      limits: { commands: 0, reads: 0, node: 0, failures: 0 },
    });
  });

  it.each(['0.0.0.0', '::', '10.0.0.1', '128.0.0.1', 'rollcall.example', '127.example.com', 'localhost.example.com'])(
    '%s takes authentication, or a word that it does not',
    (HOST) => {
      expect(mistakes({ HOST })).toEqual([
        expect.stringMatching(/^HOST=.*set ADMIN_TOKENS .* or OIDC_ISSUER; or, .*ALLOW_UNAUTHENTICATED=true/),
      ]);
      expect(mistakes({ HOST, ALLOW_UNAUTHENTICATED: 'false' })).toHaveLength(1);
      expect(loadConfig({ HOST, ALLOW_UNAUTHENTICATED: 'true' }).access).toMatchObject({
        open: true,
        limits: { commands: 50 },
      });
      expect(loadConfig({ HOST, ADMIN_TOKENS: `a:admin:${HASH}` }).access.open).toBe(false);
      const oidc = { OIDC_ISSUER: 'https://login.example.com', OIDC_AUDIENCE: 'rollcall' };
      expect(loadConfig({ HOST, ...oidc }).access).toMatchObject({
        open: false,
        oidc: { jwksUrl: null, rolesClaim: 'roles' },
      });
    },
  );

  it('is not said of HOST where the tokens are what is wrong', () => {
    expect(mistakes({ HOST: '0.0.0.0', ADMIN_TOKENS: 'x' })).toEqual([expect.stringMatching(/^ADMIN_TOKENS=/)]);
  });
});

describe('the OpenID provider', () => {
  const OIDC = { OIDC_ISSUER: 'https://login.example.com/', OIDC_AUDIENCE: 'rollcall' };

  it('is taken as it is written', () => {
    expect(loadConfig({ ...OIDC, OIDC_ROLES_CLAIM: 'realm_access.roles' }).access.oidc).toEqual({
      issuer: 'https://login.example.com/',
      audience: 'rollcall',
      jwksUrl: null,
      rolesClaim: 'realm_access.roles',
      rolePrefix: 'rollcall-',
      nodeClaim: 'sub',
      clockToleranceS: 30,
    });
  });

  it.each([
    [{ OIDC_ISSUER: OIDC.OIDC_ISSUER }, 'OIDC_ISSUER', /needs OIDC_AUDIENCE/],
    [{ OIDC_AUDIENCE: 'x' }, 'OIDC_AUDIENCE', /needs OIDC_ISSUER/],
    [{ ...OIDC, OIDC_ISSUER: 'http://login.example.com' }, 'OIDC_ISSUER', /https/],
    [{ ...OIDC, OIDC_JWKS_URL: 'http://10.0.0.1/keys' }, 'OIDC_JWKS_URL', /https/],
    [{ ...OIDC, OIDC_ISSUER: 'https://u:p@login.example.com' }, 'OIDC_ISSUER', /https/],
    [{ ...OIDC, OIDC_CLOCK_TOLERANCE_S: '601' }, 'OIDC_CLOCK_TOLERANCE_S', /600/],
    [{ TRUST_PROXY: '10.0.0.0/33' }, 'TRUST_PROXY', /proxies/],
    [{ TRUST_PROXY: 'everybody' }, 'TRUST_PROXY', /proxies/],
    [{ ALLOWED_HOSTS: 'http://x' }, 'ALLOWED_HOSTS', /host names/],
    [{ ALLOW_UNAUTHENTICATED: 'yes' }, 'ALLOW_UNAUTHENTICATED', /true or false/],
    [{ RATE_LIMIT_READS: '-1' }, 'RATE_LIMIT_READS', /requests per second/],
  ])('refuses %j', (env, variable, why) => {
    expect(mistakes(env as Record<string, string>)).toEqual([expect.stringMatching(new RegExp(`^${variable}=`))]);
    expect(mistakes(env as Record<string, string>)[0]).toMatch(why);
  });

  it('may be on this very machine, without TLS', () => {
    expect(
      mistakes({ ...OIDC, OIDC_ISSUER: 'http://127.0.0.1:8080/realms/x', OIDC_JWKS_URL: 'http://localhost:1/k' }),
    ).toEqual([]);
  });
});
