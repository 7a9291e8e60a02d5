import { parseArgs } from 'node:util';
import { NODE_ID_PATTERN } from '../messages/index.js';

export const HELP = `Folds the journal of every node from empty through the code of this release, and compares each step with what was
recorded, and its end with the stored state: states, outputs, ids and times, to the byte. Differences that this release
declares are counted, and are no problems.

  npm run replay -- --verify [--from FILE] [--node ID] [--json]
  npm run replay -- --export FILE [--node ID] [--json]

  --verify       compare
  --from FILE    what --export wrote, instead of the database: needs no server and no environment
  --export FILE  write the journal to a new file, one history a line; gzipped when the name ends in .gz
  --node ID      one node only
  --json         prints the result as JSON
  --help

Environment: that of the registry (DATABASE_URL or DATA_DIR, REGISTRY_ID). A registry on a server may go on meanwhile; an embedded
one has to be stopped, as its database is one process's. Nothing is written to a database.
Exit status: 0 when nothing differs, or the file is written; else 1. The result goes to standard output, progress to standard error.`;

export type Wanted = { readonly nodeId: string | undefined; readonly json: boolean } & (
  { readonly verify: true; readonly from: string | undefined } | { readonly verify: false; readonly to: string }
);

export type Parsed =
  | { readonly ok: true; readonly wanted: Wanted | 'help' }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Reads the command line. Throws on an option that there is not. */
export function parseOptions(args: readonly string[]): Parsed {
  const { values } = parseArgs({
    args: [...args],
    options: {
      verify: { type: 'boolean', default: false },
      from: { type: 'string' },
      export: { type: 'string' },
      node: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return { ok: true, wanted: 'help' };
  const { verify, from, export: to, node: nodeId, json } = values;
  const problems = [
    ...(!verify && to === undefined ? ['--verify or --export FILE is missing: say what to do'] : []),
    ...(verify && to !== undefined ? ['--verify and --export are two commands: say one'] : []),
    ...(from !== undefined && !verify ? ['--from says what to --verify'] : []),
    ...(from === '' || to === '' ? ['the name of a file is empty'] : []),
    ...(nodeId === undefined || NODE_ID_PATTERN.test(nodeId) ? [] : [`--node ${nodeId}: no id of a node`]),
  ];
  if (problems.length > 0) return { ok: false, problems };
  const common = { nodeId, json };
  return { ok: true, wanted: to === undefined ? { ...common, verify: true, from } : { ...common, verify: false, to } };
}
