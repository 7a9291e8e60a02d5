import { parseArgs } from 'node:util';

export const HELP = `Tells whether Consul and PostgreSQL hold what the registry wants them to hold, by its REST API; repairs what differs.

  npm run drift -- [options]

  --url URL        of a registry with the role api (default: http://127.0.0.1:3000, or ROLLCALL_URL)
  --backend NAME   consul or postgres only
  --node ID        one node only
  --drift KIND     missing, altered or ghost only (foreign entries can be listed, and are never touched)
  --repair         audit at once, and repair what differs
  --dry-run        audit at once, and tell what --repair would do
  --force          repair also what is held until an operator decides
  --wait SECONDS   how long to wait for the outcome of an audit or repair (default: 30, at most 600)
  --limit N        entries to list (default: 20, at most 1000)
  --json           print JSON
  --help

Without --repair and --dry-run it tells what the last audits found, and asks for nothing.
Exit status: 0 when nothing of the registry's own differs, 1 when something does, or an audit is not complete, 2 when the options are
wrong or the registry cannot be reached.`;

const BACKENDS = ['consul', 'postgres'] as const;
const KINDS = ['missing', 'altered', 'ghost', 'foreign'] as const;

export type Wanted = {
  readonly url: string;
  readonly filter: {
    readonly backend?: (typeof BACKENDS)[number];
    readonly nodeId?: string;
    readonly drift?: (typeof KINDS)[number];
  };
  readonly action: 'look' | 'dry_run' | 'repair';
  readonly force: boolean;
  readonly waitSeconds: number;
  readonly limit: number;
  readonly json: boolean;
};

export type Parsed =
  | { readonly kind: 'wanted'; readonly wanted: Wanted }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

type Values = ReturnType<typeof values>;

/** What the arguments ask for. Never throws: what is wrong with them is in the answer, all of it. */
export function parsed(args: readonly string[], env: Readonly<Record<string, string | undefined>>): Parsed {
  let given: Values;
  try {
    given = values(args);
  } catch (error) {
    return { kind: 'wrong', problems: [error instanceof Error ? error.message : String(error)] };
  }
  if (given.help) return { kind: 'help' };
  const url = (given.url ?? env['ROLLCALL_URL'] ?? 'http://127.0.0.1:3000').replace(/\/+$/, '');
  const problems = problemsOf(given, url);
  return problems.length > 0 ? { kind: 'wrong', problems } : { kind: 'wanted', wanted: wantedOf(given, url) };
}

function values(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      url: { type: 'string' },
      backend: { type: 'string' },
      node: { type: 'string' },
      drift: { type: 'string' },
      repair: { type: 'boolean', default: false },
      'dry-run': { type: 'boolean', default: false },
      force: { type: 'boolean', default: false },
      wait: { type: 'string', default: '30' },
      limit: { type: 'string', default: '20' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}

function problemsOf(given: Values, url: string): readonly string[] {
  const acts = given.repair || given['dry-run'];
  const checks: readonly (readonly [boolean, string])[] = [
    [/^https?:\/\//.test(url) && URL.canParse(url), `--url ${url}: has to be http://host:port, or https`],
    [isOneOf(BACKENDS, given.backend), `--backend ${given.backend}: has to be one of ${BACKENDS.join(', ')}`],
    [isOneOf(KINDS, given.drift), `--drift ${given.drift}: has to be one of ${KINDS.join(', ')}`],
    [!(acts && given.drift === 'foreign'), '--drift foreign: these entries are not ours, and never repaired'],
    [!given.force || acts, '--force goes with --repair or --dry-run'],
    [isCount(given.wait, 0, 600), `--wait ${given.wait}: has to be a whole number of seconds from 0 to 600`],
    [isCount(given.limit, 1, 1000), `--limit ${given.limit}: has to be a whole number from 1 to 1000`],
  ];
  return checks.filter(([holds]) => !holds).map(([, problem]) => problem);
}

function wantedOf(given: Values, url: string): Wanted {
  const { backend, drift, node } = given;
  const filter = {
    ...(backend === undefined ? {} : { backend: backend as (typeof BACKENDS)[number] }),
    ...(drift === undefined ? {} : { drift: drift as (typeof KINDS)[number] }),
    ...(node === undefined ? {} : { nodeId: node }),
  };
  return {
    url,
    filter,
    action: given['dry-run'] ? 'dry_run' : given.repair ? 'repair' : 'look',
    force: given.force,
    waitSeconds: Number(given.wait),
    limit: Number(given.limit),
    json: given.json,
  };
}

function isOneOf(values: readonly string[], given: string | undefined): boolean {
  return given === undefined || values.includes(given);
}

function isCount(text: string, min: number, max: number): boolean {
  return /^\d{1,4}$/.test(text) && Number(text) >= min && Number(text) <= max;
}
