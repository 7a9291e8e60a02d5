import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { wrongUsage } from '../exit.js';
import { firstCause } from '../registry/failures.js';
import type { Terminal } from '../terminal.js';

export type RecordOptions = {
  readonly file?: string;
  readonly type?: string;
  readonly nodeVersion?: string;
  readonly capability?: readonly string[];
  readonly endpoint?: readonly string[];
  readonly metadata?: readonly string[];
  readonly healthEndpoint?: string;
  readonly incarnation?: number;
  readonly acknowledgement?: string;
  readonly liveness?: string;
};

type Fields = Record<string, unknown>;

/** The body of the request: what the file says, and what the options say in place of it. The registry judges its fields. */
export async function recordOf(
  options: RecordOptions,
  nodeId: string | undefined,
  terminal: Terminal,
): Promise<Readonly<Fields>> {
  const { file, type: nodeType, capability, endpoint, metadata, ...rest } = options;
  const { nodeVersion, healthEndpoint, incarnation, acknowledgement, liveness } = rest;
  const said: Fields = {
    nodeId,
    nodeType,
    nodeVersion,
    capabilities: capability,
    endpoints: endpoint && namedBy(endpoint, '--endpoint', endpointOf),
    metadata: metadata && namedBy(metadata, '--metadata', valueOf),
    healthEndpoint,
    incarnation,
    acknowledgement,
    liveness,
  };
  const given = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
  const record: Fields = { ...(file === undefined ? {} : await recordIn(file, terminal)), ...given };
  const missing = [
    ...(record['nodeId'] === undefined ? ['the id of the node: rollcall register ID …'] : []),
    ...(record['nodeType'] === undefined ? ['its type: --type effect, compute, reducer or orchestrator'] : []),
  ];
  if (missing.length > 0) throw wrongUsage(['this is missing:', ...missing].join('\n  - '));
  return record;
}

async function recordIn(file: string, terminal: Terminal): Promise<Fields> {
  let content: unknown;
  try {
    // JSON is YAML, too.
    content = parse(file === '-' ? await terminal.readStdin() : readFileSync(file, 'utf8'));
  } catch (error) {
    throw wrongUsage(`--file ${file} cannot be read: ${firstCause(error)}`);
  }
  if (typeof content === 'object' && content !== null && !Array.isArray(content)) return content as Fields;
  throw wrongUsage(`--file ${file}: has to hold one object with nodeId, nodeType, …`);
}

function namedBy<T>(
  texts: readonly string[],
  option: string,
  read: (text: string, index: number) => readonly [string, T] | undefined,
): Readonly<Record<string, T>> {
  const pairs = texts.map((text, index) => {
    const pair = read(text, index);
    if (pair === undefined) throw wrongUsage(`${option} ${text}: has to be a name, =, and a value`);
    return pair;
  });
  return Object.fromEntries(pairs);
}

/** A URL without a name is the api, as in a list of URLs. */
function endpointOf(text: string, index: number): readonly [string, string] | undefined {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(text)) return [index === 0 ? 'api' : `api-${index + 1}`, text];
  return split(text);
}

function valueOf(text: string): readonly [string, unknown] | undefined {
  const pair = split(text);
  if (pair === undefined) return undefined;
  try {
    return [pair[0], JSON.parse(pair[1])];
  } catch {
    return pair;
  }
}

function split(text: string): readonly [string, string] | undefined {
  const at = text.indexOf('=');
  return at > 0 ? [text.slice(0, at), text.slice(at + 1)] : undefined;
}
