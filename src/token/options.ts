import { parseArgs } from 'node:util';
import { adminTokensIn, TOKEN_ROLES } from '../config/admin-tokens.js';
import { entryOf, type Wanted } from './new-token.js';

export const HELP = `Makes a token for Rollcall's API, and the entry of ADMIN_TOKENS by which the registry knows it.

  npm run token -- --name NAME --role ROLE [--nodes ID] [--json]

  --name NAME   whose it is; stands in the audit
  --role ROLE   reader: looks at everything but the audit; operator: also commands; admin: also reads the audit;
                node: speaks as a node, by the HTTP gateway, and nothing else
  --nodes ID    of a node's token: the only node id that it may speak for, or the beginning of ids: 'worker-*'
  --json        print JSON: { "token", "entry" }
  --help

Exit status: 0, or 2 when the options are wrong.`;

export type Parsed =
  | { readonly kind: 'wanted'; readonly wanted: Wanted & { readonly json: boolean } }
  | { readonly kind: 'help' }
  | { readonly kind: 'wrong'; readonly problems: readonly string[] };

/** What the arguments ask for. Never throws: what is wrong with them is in the answer. */
export function parsed(args: readonly string[]): Parsed {
  let given: ReturnType<typeof values>;
  try {
    given = values(args);
  } catch (error) {
    return { kind: 'wrong', problems: [error instanceof Error ? error.message : String(error)] };
  }
  const { name, role, nodes = null, json, help } = given;
  if (help) return { kind: 'help' };
  if (name === undefined || role === undefined) {
    return { kind: 'wrong', problems: [`--name and --role are needed; roles are ${TOKEN_ROLES.join(', ')}`] };
  }
  const wanted = { name, role, nodes, json };
  const problems: string[] = [];
  const entries = adminTokensIn(entryOf(wanted, '0'.repeat(64)), (problem) => problems.push(problem));
  // Blanks and commas would make several of it.
  if (problems.length === 0 && entries.length !== 1)
    problems.push('neither name nor nodes may have blanks, commas or "#"');
  return problems.length === 0 ? { kind: 'wanted', wanted } : { kind: 'wrong', problems };
}

function values(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      name: { type: 'string' },
      role: { type: 'string' },
      nodes: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  }).values;
}
