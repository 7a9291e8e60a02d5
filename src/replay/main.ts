/**
 * `npm run replay`: folds the journal from empty through today's code, and says what differs from what was stored. The
 * environment is the registry's own; nothing is written.
 */
import { parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConfigError, loadConfig } from '../config.js';
import { errorText, NODE_ID_PATTERN } from '../messages/index.js';
import { orchestratorComponent } from '../orchestrator/orchestrator.module.js';
import { reducerComponent } from '../reducer/reducer.module.js';
import { createLog, createMachine, openStateDatabase, verifyJournal, type Verified } from '../runtime/index.js';

const HELP = `Folds the journal of every node from empty through the code of this release, and compares each step with what was
recorded, and its end with the stored state: states, outputs, ids and times, to the byte.

  npm run replay -- --verify [options]

  --verify      compare; the only thing that it does so far, and it has to be said
  --node ID     one node only
  --json        prints the result as JSON
  --help

Environment: that of the registry (DATABASE_URL or DATA_DIR, REGISTRY_ID). A registry on a server may go on meanwhile; an embedded
one has to be stopped, as its database is one process's. Nothing is written.
Exit status: 0 when nothing differs, else 1. The result goes to standard output, progress to standard error.`;

const CONNECT_WITHIN_MS = 15_000;
const PROGRESS_EVERY = 1000;

const complain = (text: string): boolean => process.stderr.write(`${text}\n`);

type Wanted = { readonly nodeId: string | undefined; readonly json: boolean };

function parsed(): Wanted | number {
  const { values } = parseArgs({
    options: {
      verify: { type: 'boolean', default: false },
      node: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  const problems = [
    ...(values.verify ? [] : ['--verify is missing: it is what this does']),
    ...(values.node === undefined || NODE_ID_PATTERN.test(values.node)
      ? []
      : [`--node ${values.node}: no id of a node`]),
  ];
  if (problems.length === 0) return { nodeId: values.node, json: values.json };
  for (const problem of problems) complain(problem);
  complain('npm run replay -- --help lists the options');
  return 1;
}

async function verify({ nodeId, json }: Wanted): Promise<number> {
  const { stateDatabaseUrl: databaseUrl, embedded, registryId } = loadConfig();
  let unusable: (error: unknown) => void = () => undefined;
  const fatal = new Promise<never>((_resolve, reject) => (unusable = reject));
  const options = { databaseUrl, dataDir: embedded.dataDir, migrations: [], onFatal: unusable };
  const database = openStateDatabase(options, createLog('silent'));
  // Once it is late, asking for the pool throws what was in the way.
  const late = sleep(CONNECT_WITHIN_MS, undefined, { ref: false }).then(() => database.pool);
  try {
    await Promise.race([database.ready, fatal, late]);
    const verified = await verifyJournal(database, {
      machines: [orchestratorComponent(), reducerComponent()].map((component) => createMachine(component, registryId)),
      ...(nodeId === undefined ? {} : { nodeId }),
      progress: (states, entries) => {
        if (states % PROGRESS_EVERY === 0) complain(`${states} states, ${entries} entries`);
      },
    });
    if (nodeId !== undefined && verified.states === 0) throw new Error(`no node named ${nodeId} has ever been here`);
    process.stdout.write(`${json ? JSON.stringify(verified, null, 2) : textOf(verified)}\n`);
    return verified.problemCount === 0 ? 0 : 1;
  } finally {
    await database.close();
  }
}

function textOf({ states, entries, problems, problemCount }: Verified): string {
  const all = `${entries} entries of ${states} states folded`;
  if (problemCount === 0) return `${all}: every step and every state is as it was stored`;
  const rest = problemCount > problems.length ? [`and ${problemCount - problems.length} more`] : [];
  return [`${all}, ${problemCount} differences:`, ...problems, ...rest].join('\n');
}

async function main(): Promise<number> {
  try {
    const wanted = parsed();
    return typeof wanted === 'number' ? wanted : await verify(wanted);
  } catch (error) {
    complain(error instanceof ConfigError ? error.message : errorText(error, 4000));
    return 1;
  }
}

process.exitCode = await main();
