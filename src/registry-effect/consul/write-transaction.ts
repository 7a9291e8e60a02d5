import { errorText } from '../../messages/index.js';
import { DONE, type EffectOutcome } from '../effect-handler.js';
import { pack } from '../resilience/pack.js';
import { classifyConsulError } from './classify-consul-error.js';
import { ConsulRefusal } from './consul-errors.js';
import { ensureNodes } from './ensure-nodes.js';
import { judgeErrors } from './judge-errors.js';
import { changeSize, healthAlone, type ServiceChange } from './service-change.js';
import { TRANSACTION_LIMITS, type TransactionClient, type TransactionResult } from './transaction-client.js';

/** Nodes are made once, and perhaps again when somebody wipes Consul meanwhile; more often is not our doing. */
const MAX_NODE_ROUNDS = 3;

/**
 * Writes changes that fit into one transaction. What Consul names is taken out and the rest goes again at once: a missing
 * synthetic node is made, a missing service written whole, a refused change fails, but for its health. Throws what it cannot pin on a
 * change.
 */
export async function writeTransaction(
  client: TransactionClient,
  changes: readonly ServiceChange[],
  registryId: string,
): Promise<readonly EffectOutcome[]> {
  const outcomes = new Map<ServiceChange, EffectOutcome>();
  const incomplete: ServiceChange[] = [];
  let rest = changes.filter(({ operations }) => operations.length > 0);
  for (let nodeRounds = 0; rest.length > 0;) {
    const result = await put(client, rest, registryId);
    if (result.committed) break;
    const verdict = judgeErrors(result.errors, rest);
    for (const [change, what] of verdict.culprits) outcomes.set(change, refused(what));
    incomplete.push(...verdict.incomplete);
    rest = rest.filter((change) => !verdict.culprits.has(change) && !verdict.incomplete.has(change));
    if (verdict.missingNodes.length > 0) {
      if (++nodeRounds > MAX_NODE_ROUNDS)
        throw new ConsulRefusal(503, 'synthetic nodes vanish as soon as they are made');
      await ensureNodes(client, verdict.missingNodes, registryId);
    }
  }
  for (const [change, outcome] of await writeWhole(client, incomplete, registryId)) outcomes.set(change, outcome);
  await writeHealth(
    client,
    changes.filter((change) => outcomes.get(change)?.ok === false),
    registryId,
  );
  return changes.map((change) => outcomes.get(change) ?? DONE);
}

/** One that is refused without a word about its operations (it is too large, say) has none to be told of when it is alone. */
async function put(
  client: TransactionClient,
  changes: readonly ServiceChange[],
  registryId: string,
): Promise<TransactionResult> {
  try {
    return await client.put(changes.flatMap(({ operations }) => operations));
  } catch (error) {
    if (changes.length === 1 && classifyConsulError(error) === 'CONSUL_VALIDATION_ERROR') {
      await writeHealth(client, changes, registryId);
    }
    throw error;
  }
}

/**
 * A record that Consul refuses does not hold back whether the node is well: the service of the revision before gets its check, if it
 * stands there. What becomes of that changes no outcome.
 */
async function writeHealth(
  client: TransactionClient,
  refusedChanges: readonly ServiceChange[],
  registryId: string,
): Promise<void> {
  const checks = refusedChanges.flatMap((change) => healthAlone(change) ?? []);
  if (checks.length > 0) await writeTransaction(client, checks, registryId);
}

/** Whole changes have more operations than what they stand for, so they need a packing of their own. */
async function writeWhole(
  client: TransactionClient,
  incomplete: readonly ServiceChange[],
  registryId: string,
): Promise<readonly (readonly [ServiceChange, EffectOutcome])[]> {
  const pairs = incomplete.flatMap((change) => (change.whole === null ? [] : [{ change, whole: change.whole() }]));
  const written: (readonly [ServiceChange, EffectOutcome])[] = [];
  for (const bin of pack(pairs, ({ whole }) => changeSize(whole), TRANSACTION_LIMITS)) {
    const outcomes = await writeTransaction(
      client,
      bin.map(({ whole }) => whole),
      registryId,
    );
    bin.forEach(({ change }, index) => written.push([change, outcomes[index]!]));
  }
  return written;
}

function refused(what: string): EffectOutcome {
  return {
    ok: false,
    errorCode: 'CONSUL_VALIDATION_ERROR',
    errorMessage: errorText(`Consul refused the service: ${what}`),
  };
}
