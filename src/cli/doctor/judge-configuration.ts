import { ConfigError, loadConfig, type Config } from '../../config.js';
import { fail, judged, ok, warn, type Finding } from './finding.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The environment as the registry reads it. Without a configuration nothing can be said of the servers that it would name. */
export function judgeConfiguration(env: Env): {
  readonly config: Config | null;
  readonly findings: readonly Finding[];
} {
  try {
    const config = loadConfig(env);
    const misspelt = config.warnings.map((text) =>
      warn('configuration.misspelt', {
        what: text,
        why: 'Nobody reads a variable of that name: what it was to change is as if it were not set.',
        mend: 'Rename it, or remove it. `node dist/main.js --help` lists every variable.',
      }),
    );
    return { config, findings: [ok('configuration', 'every variable has a value that it may have'), ...misspelt] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const findings = error.mistakes.map((mistake) =>
      fail('configuration', {
        what: mistake,
        why: 'The registry does not start with it.',
        mend: 'Set it as the message says; `node dist/main.js --help` lists every variable.',
      }),
    );
    return { config: null, findings };
  }
}

const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1|\[::1\]|localhost)$/;
const AUTHENTICATION = ['ADMIN_TOKENS', 'ADMIN_TOKENS_FILE', 'OIDC_ISSUER'];

/** Who can reach the API, and what protects it. */
export function judgeBinding({ http }: { readonly http: { readonly host: string } }, env: Env): readonly Finding[] {
  const isProtected = AUTHENTICATION.some((name) => env[name]);
  const isOpen = !LOOPBACK.test(http.host) && !isProtected;
  return judged('http.binding', `HOST is ${http.host}${isProtected ? ', and callers need a token' : ''}`, [
    isOpen &&
      (env['ALLOW_UNAUTHENTICATED'] === 'true' ? warn : fail)('http.binding', {
        what: `HOST=${http.host} lets other machines call the API, and no caller has to say who it is`,
        why: 'Whoever reaches the port can register nodes, take them out, and have dead letters sent again.',
        mend: 'Set ADMIN_TOKENS or OIDC_ISSUER, or leave HOST out and put a proxy that authenticates before it.',
      }),
  ]);
}

/** Parts that are embedded are for one process on one machine. */
export function judgeProduction({ production, stateDatabaseUrl, kafka, consul }: Config): readonly Finding[] {
  const embedded = [
    ...(stateDatabaseUrl === null ? ['DATABASE_URL'] : []),
    ...(kafka.brokers === null ? ['KAFKA_BROKERS'] : []),
    ...(consul === null ? ['CONSUL_HTTP_ADDR'] : []),
  ];
  if (!production) return [];
  return judged('configuration.production', 'NODE_ENV is production, and every server is a real one', [
    embedded.length > 0 &&
      warn('configuration.production', {
        what: `NODE_ENV is production, and ${embedded.join(', ')} is not set: an embedded part stands in its place`,
        why: 'An embedded part belongs to one process: there can be no replica, and its files are the only copy.',
        mend: `Set ${embedded.join(', ')}, or accept that this machine is the registry.`,
      }),
  ]);
}
