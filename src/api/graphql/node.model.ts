import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { NODE_TYPES, type JsonObject, type NodeType as TypeOfNode } from '../../messages/index.js';
import {
  NODE_STATES,
  type Node,
  type NodeFilter,
  type NodeState as StateOfNode,
  type NodeSummary,
} from '../read/node.js';
import { DateTime, JSONObject } from './scalars.js';

// The names are those of REST, so that a value can be carried over.
export const NodeState = Object.fromEntries(NODE_STATES.map((state) => [state, state]));
registerEnumType(NodeState, { name: 'NodeState', description: "States of the orchestrator's machine" });
export const NodeType = Object.fromEntries(NODE_TYPES.map((type) => [type, type]));
registerEnumType(NodeType, { name: 'NodeType' });

@ObjectType('Node', { description: 'A node, as the registry knows it' })
export class NodeModel implements Node {
  @Field(() => ID, { description: 'The same as nodeId' })
  readonly id!: string;

  @Field(() => String)
  readonly nodeId!: string;

  @Field(() => String, {
    nullable: true,
    description: 'Of a rejected node whatever it said; null where it said nothing',
  })
  readonly nodeType!: string | null;

  @Field(() => String)
  readonly nodeVersion!: string;

  @Field(() => NodeState)
  readonly state!: StateOfNode;

  @Field(() => Boolean, { description: 'Accepted with one backend still pending' })
  readonly degraded!: boolean;

  @Field(() => JSONObject)
  readonly capabilities!: JsonObject;

  @Field(() => JSONObject)
  readonly endpoints!: Readonly<Record<string, string>>;

  @Field(() => JSONObject)
  readonly metadata!: JsonObject;

  @Field(() => Int, {
    description:
      'Of the record that was confirmed to the workflow last; 0 before the first. Activation raises it once more, in the backends alone',
  })
  readonly revision!: number;

  @Field(() => ID, { description: 'Event id of the introspection or command that began the present attempt' })
  readonly attemptId!: string;

  @Field(() => Float, { nullable: true, description: 'A whole number, often epoch milliseconds' })
  readonly incarnation!: number | null;

  @Field(() => DateTime, { nullable: true, description: 'When the node was accepted first' })
  readonly registeredAt!: string | null;

  @Field(() => DateTime)
  readonly updatedAt!: string;

  @Field(() => DateTime, { nullable: true })
  readonly lastHeartbeatAt!: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'Ed25519, 32 bytes in base64url: what its messages are held against; null as long as none is known',
  })
  readonly publicKey!: string | null;
}

export function modelOf(node: Node): NodeModel {
  return { id: node.nodeId, ...node };
}

/** Who asks for no other fields is served without reading the state. */
export const SUMMARY_FIELDS = ['id', 'nodeId', 'state'] as const satisfies readonly (keyof NodeModel)[];
export type SummaryModel = Pick<NodeModel, (typeof SUMMARY_FIELDS)[number]>;

export function summaryModelOf(summary: NodeSummary): SummaryModel {
  return { id: summary.nodeId, ...summary };
}

@InputType('NodeFilter', { description: 'All that are given have to hold' })
export class NodeFilterInput implements NodeFilter {
  @Field(() => NodeState, { nullable: true })
  readonly state?: StateOfNode;

  @Field(() => NodeType, { nullable: true })
  readonly nodeType?: TypeOfNode;

  @Field(() => String, { nullable: true, description: 'A capability tag, exactly' })
  readonly capability?: string;

  @Field(() => String, { nullable: true, description: 'Text within the id or a capability tag, whatever its case' })
  readonly q?: string;
}
