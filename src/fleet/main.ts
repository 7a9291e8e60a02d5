/**
 * `npm run fleet`: the load tool. Simulated nodes speak through `src/client`, as real ones do; nothing here knows the
 * registry's inside.
 */
import {
  HttpTransport,
  KafkaTransport,
  signerOf,
  TransportUnavailable,
  type Signer,
  type Transport,
} from '../client/index.js';
import { Fleet } from './fleet.js';
import { keyIn } from './key-file.js';
import { HELP, parseOptions, type FleetOptions, type Via } from './options.js';
import { Progress, progressText } from './progress.js';
import { reportOf, tableOf } from './report.js';
import { within } from './within.js';

/** How long the broker and its topics, or the registry itself, are waited for at the start. */
const OPEN_WITHIN_MS = 30_000;

const print = (text: string): boolean => process.stdout.write(`${text}\n`);
const complain = (text: string): boolean => process.stderr.write(`${text}\n`);

async function main(): Promise<number> {
  const runId = Date.now().toString(36) + Math.floor(Math.random() * 36 ** 3).toString(36);
  const parsed = parseOptions(process.argv.slice(2), process.env, runId);
  switch (parsed.kind) {
    case 'help':
      print(HELP);
      return 0;
    case 'refused':
      for (const problem of parsed.problems) complain(problem);
      complain('npm run fleet -- --help lists the options');
      return 1;
    case 'run':
      return run(parsed.options);
  }
}

async function run(options: FleetOptions): Promise<number> {
  const interrupted = new AbortController();
  process.on('SIGINT', () => {
    if (interrupted.signal.aborted) process.exit(130);
    interrupted.abort();
  });
  process.on('SIGTERM', () => interrupted.abort());

  const key = options.signWith === undefined ? undefined : keyIn(options.signWith);
  if (key !== undefined && 'wrong' in key) {
    complain(`--sign ${options.signWith} ${key.wrong}`);
    return 1;
  }
  const transport = transportOf(options.transport, key && signerOf(key));
  const fleet = new Fleet(options, transport);
  const opening = new Progress(
    process.stderr,
    () => `waiting: ${fleet.waitingFor ?? `connecting to ${placeOf(options.transport)}`}`,
  );
  opening.start();
  try {
    await within(OPEN_WITHIN_MS, interrupted.signal, (until) => transport.open(fleet, until));
  } catch (error) {
    if (!(error instanceof TransportUnavailable)) throw error;
    opening.stop('wipe');
    complain(interrupted.signal.aborted ? 'interrupted' : `gave up after ${OPEN_WITHIN_MS / 1000} s: ${error.message}`);
    return 1;
  } finally {
    opening.stop('wipe');
  }

  const progress = new Progress(process.stderr, (bar) =>
    progressText(fleet, options.nodes, performance.now(), bar),
  ).start();
  try {
    const before = process.cpuUsage();
    let ending = await fleet.run(interrupted.signal);
    const { user, system } = process.cpuUsage(before);
    if (options.heartbeatsMs > 0 && ending === 'complete') ending = await fleet.keepAlive(interrupted.signal);
    if (options.verify) await fleet.verify(interrupted.signal);
    progress.stop();
    const report = reportOf(fleet, options, ending, (user + system) / 1e6);
    print(options.json ? JSON.stringify(report, null, 2) : tableOf(report));
    return report.ok ? 0 : 1;
  } finally {
    progress.stop();
    fleet.heartbeats.stop();
    await transport.close();
  }
}

function transportOf(via: Via, signer: Signer | undefined): Transport {
  switch (via.kind) {
    case 'kafka':
      return new KafkaTransport({
        brokers: via.brokers,
        topicPrefix: via.topicPrefix,
        clientId: 'rollcall-fleet',
        ...via.security,
        ...(signer && { signer }),
      });
    case 'http':
      return new HttpTransport({ url: via.url, ...(signer && { signer }) });
  }
}

function placeOf(via: Via): string {
  return via.kind === 'kafka' ? `Kafka at ${via.brokers.join(', ')}` : `Rollcall at ${via.url}`;
}

process.exitCode = await main();
