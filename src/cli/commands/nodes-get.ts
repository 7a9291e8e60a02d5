import type { Explanation, Node } from '../../api-answers/answers.js';
import type { Run } from '../command.js';
import { EXIT } from '../exit.js';
import { colourOfState } from '../output/colours.js';
import { fields } from '../output/table.js';
import { harmlessLines } from '../output/text-width.js';

type Options = { readonly asOf?: string };

export const getNode: Run<Options> = async ({ registry, screen }, { asOf }, [nodeId = '']) => {
  const node = await registry.get<Node>(`/v1/nodes/${encodeURIComponent(nodeId)}`, { asOf });
  const state = `${node.state}${node.degraded ? ', degraded: a backend is still pending' : ''}`;
  const lines = fields([
    ['node', node.nodeId],
    ['state', state],
    ['type', node.nodeType ?? '-'],
    ['version', node.nodeVersion],
    ['revision', String(node.revision)],
    ['incarnation', String(node.incarnation ?? '-')],
    ['registered', node.registeredAt ?? '-'],
    ['changed', node.updatedAt],
    ['last heartbeat', node.lastHeartbeatAt ?? '-'],
    ['attempt', node.attemptId],
    ...(node.publicKey === null ? [] : ([['public key', node.publicKey]] as const)),
    ...entries('capability', node.capabilities),
    ...entries('endpoint', node.endpoints),
    ...entries('metadata', node.metadata),
  ]);
  const painted = lines.map((line, index) =>
    index === 1 ? line.replace(state, screen.paint(state, colourOfState(node.state))) : line,
  );
  await screen.document(node, painted);
  return EXIT.ok;
};

/** The name of the group stands on its first line only. */
function entries(group: string, values: Readonly<Record<string, unknown>>): readonly (readonly [string, string])[] {
  return Object.entries(values).map(([name, value], index) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return [index === 0 ? group : '', value === true ? name : `${name}: ${text}`];
  });
}

export const explainNode: Run<Options> = async ({ registry, screen }, { asOf }, [nodeId = '']) => {
  const path = `/v1/nodes/${encodeURIComponent(nodeId)}/explain`;
  const explanation = await registry.get<Explanation>(path, { asOf });
  await screen.document(explanation, [harmlessLines(explanation.text)]);
  return EXIT.ok;
};
