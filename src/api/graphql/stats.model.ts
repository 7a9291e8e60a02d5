import { Field, Int, ObjectType } from '@nestjs/graphql';
import type { NodeType as TypeOfNode } from '../../messages/index.js';
import type { NodeState as StateOfNode } from '../read/node.js';
import type { RegistryStats } from '../read/registry-stats.js';
import { NodeState, NodeType } from './node.model.js';

@ObjectType('StateCount')
export class StateCount {
  @Field(() => NodeState)
  readonly state!: StateOfNode;

  @Field(() => Int)
  readonly count!: number;
}

@ObjectType('TypeCount')
export class TypeCount {
  @Field(() => NodeType, { nullable: true, description: 'Null: rejected nodes that named no type that exists' })
  readonly nodeType!: TypeOfNode | null;

  @Field(() => Int)
  readonly count!: number;
}

@ObjectType('RegistryStats', { description: 'The whole fleet in numbers, counted at one moment' })
export class RegistryStatsModel implements RegistryStats {
  @Field(() => Int, { description: 'Nodes in any state' })
  readonly total!: number;

  @Field(() => Int, { description: 'Nodes accepted with one backend still pending' })
  readonly degraded!: number;

  @Field(() => [StateCount], { description: 'Every state, also those that no node is in' })
  readonly byState!: readonly StateCount[];

  @Field(() => [TypeCount], { description: 'Every type, also those that no node has' })
  readonly byType!: readonly TypeCount[];
}
