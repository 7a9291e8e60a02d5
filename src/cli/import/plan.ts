import { canonicalHash, NODE_TYPES, PAYLOADS, snakeCased, type NodeType } from '../../messages/index.js';
import { nodeIds } from './node-ids.js';
import type { Instance, Reading, Unreadable } from './reading.js';

export type PlanOptions = {
  /** Of those that do not say it in their metadata, as `node_type`. */
  readonly nodeType: NodeType;
  readonly acknowledgement: 'required' | 'waived';
  readonly liveness: 'heartbeat' | 'none';
  /** Also what the other registry hands to nobody. */
  readonly all: boolean;
};

export type RegisterBody = {
  readonly nodeId: string;
  readonly nodeType: NodeType;
  readonly nodeVersion?: string;
  readonly capabilities: readonly string[];
  readonly endpoints: Readonly<Record<string, string>>;
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly healthEndpoint?: string;
  readonly acknowledgement: 'required' | 'waived';
  readonly liveness: 'heartbeat' | 'none';
};

/** A node to register. */
export type Planned = {
  readonly body: RegisterBody;
  /** What had to be changed to fit. */
  readonly notes: readonly string[];
  /** Follows from the body: the same instance is the same request, however often the file is imported. */
  readonly idempotencyKey: string;
};

export type Plan = {
  readonly planned: readonly Planned[];
  /** As the other registry hands them to nobody, or as they are there twice. */
  readonly leftOut: readonly Unreadable[];
  /** What cannot be a node here. */
  readonly unfit: readonly Unreadable[];
};

/** What is to be registered, what is not, and why. Decides alone; nothing is sent. */
export function planOf({ instances, unreadable }: Reading, options: PlanOptions): Plan {
  const planned: Planned[] = [];
  const leftOut: Unreadable[] = [];
  const unfit: Unreadable[] = [...unreadable];
  /** Keys by node id. */
  const seen = new Map<string, string>();
  const wanted = instances.filter((instance) => options.all || instance.absent === null);
  for (const { id, absent } of instances) {
    if (absent !== null && !options.all) leftOut.push({ where: id, why: absent });
  }
  const ids = nodeIds(wanted);
  for (const [index, instance] of wanted.entries()) {
    const { body, notes } = bodyOf(instance, ids[index] ?? '', options);
    const idempotencyKey = `import-${canonicalHash(body)}`;
    const problems = problemsOf(body);
    const before = seen.get(body.nodeId);
    if (problems.length > 0) unfit.push({ where: instance.id, why: problems.join('; ') });
    else if (before === idempotencyKey) leftOut.push({ where: instance.id, why: 'it is there twice' });
    else if (before !== undefined)
      unfit.push({ where: instance.id, why: `${body.nodeId} is there with another record` });
    else planned.push({ body, notes, idempotencyKey });
    if (before === undefined) seen.set(body.nodeId, idempotencyKey);
  }
  return { planned, leftOut, unfit };
}

type Fitted = { readonly body: RegisterBody; readonly notes: readonly string[] };

function bodyOf(instance: Instance, nodeId: string, options: PlanOptions): Fitted {
  const { service, tags, metadata, origin, healthEndpoint } = instance;
  const version = fittingVersion(instance.version);
  const endpoints = Object.entries(instance.endpoints).filter(([, url]) => isUrl(url));
  const said = NODE_TYPES.find((type) => type === metadata['node_type']);
  const notes = [
    ...(nodeId === instance.id ? [] : [`was ${instance.id}`]),
    ...(instance.version === null || version === instance.version
      ? []
      : [`version ${instance.version} is ${version === null ? 'no semantic one' : `written ${version}`}`]),
    ...Object.entries(instance.endpoints)
      .filter(([, url]) => !isUrl(url))
      .map(([name, url]) => `endpoint ${name} is left out: ${url} is no URL`),
  ];
  const body: RegisterBody = {
    nodeId,
    nodeType: said ?? options.nodeType,
    ...(version === null ? {} : { nodeVersion: version }),
    capabilities: [...new Set([service, ...tags])],
    endpoints: Object.fromEntries(endpoints),
    metadata: {
      ...metadata,
      importedFrom: version === null && instance.version !== null ? { ...origin, version: instance.version } : origin,
    },
    ...(healthEndpoint !== null && isUrl(healthEndpoint) ? { healthEndpoint } : {}),
    acknowledgement: options.acknowledgement,
    liveness: options.liveness,
  };
  return { body, notes };
}

/** `1.4` and `v1.4.0` say what they mean. Null: there is no semantic version in it. */
function fittingVersion(text: string | null): string | null {
  if (text === null) return null;
  const [, major, minor = '0', patch = '0'] = /^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  const candidate = major === undefined ? text : [major, minor, patch].map(Number).join('.');
  return PAYLOADS.REGISTER_NODE.shape.node_version.safeParse(candidate).success ? candidate : null;
}

function isUrl(text: string): boolean {
  return text.length <= 2048 && URL.canParse(text);
}

/** The judgement of the message's own schema, as the API and the orchestrator have it. */
function problemsOf(body: RegisterBody): readonly string[] {
  const { success, error } = PAYLOADS.REGISTER_NODE.safeParse(snakeCased(body));
  return success ? [] : error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}
