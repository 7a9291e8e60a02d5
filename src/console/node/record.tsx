import type { ReactNode } from 'react';
import type { Node } from '../../api-answers/answers.js';
import { Copyable } from '../parts/copyable.js';
import { Facts, Nothing } from '../parts/facts.js';
import { Json } from '../parts/json.js';
import { Ago, At, useNow } from '../parts/time.js';

/** What the node says of itself, and what the registry keeps of it. */
export function RecordPanel({ node }: { readonly node: Node }): ReactNode {
  const now = useNow();
  const tags = Object.entries(node.capabilities);
  const endpoints = Object.entries(node.endpoints);
  return (
    <>
      <Facts
        facts={[
          [
            'Capabilities',
            tags.length === 0 ? (
              <Nothing />
            ) : (
              <span className="tags">
                {tags.map(([tag, value]) => (
                  <span key={tag} className="tag cut" title={value === true ? tag : `${tag}: ${JSON.stringify(value)}`}>
                    {tag}
                  </span>
                ))}
              </span>
            ),
          ],
          [
            'Endpoints',
            endpoints.length === 0 ? (
              <Nothing />
            ) : (
              endpoints.map(([name, url]) => (
                <span key={name} className="endpoint">
                  <span className="endpoint-name">{name}</span> <Copyable text={url} what={`the endpoint ${name}`} />
                </span>
              ))
            ),
          ],
          [
            'Last heartbeat',
            node.lastHeartbeatAt === null ? <Nothing /> : <Ago time={node.lastHeartbeatAt} now={now} />,
          ],
          [
            'Registered',
            node.registeredAt === null ? <Nothing>never accepted</Nothing> : <At time={node.registeredAt} />,
          ],
          ['Changed', <At key="changed" time={node.updatedAt} />],
          [
            'Revision',
            <span key="revision" data-fact="revision">
              {node.revision}
            </span>,
          ],
          ['Incarnation', node.incarnation === null ? <Nothing /> : <span className="mono">{node.incarnation}</span>],
          ['Attempt', <Copyable key="attempt" text={node.attemptId} what="the id of the attempt" />],
          ...pinnedKey(node),
        ]}
      />
      {Object.keys(node.metadata).length > 0 && <Json value={node.metadata} label="Metadata" />}
    </>
  );
}

/** Shown where there is one: many fleets do not sign. */
function pinnedKey({ publicKey }: Node): readonly (readonly [string, ReactNode])[] {
  return publicKey === null ? [] : [['Public key', <Copyable key="key" text={publicKey} what="the public key" />]];
}
