import { Field, ID, ObjectType } from '@nestjs/graphql';
import type { Explanation } from '../explain/explanation.js';
import type { NodeState as StateOfNode } from '../read/node.js';
import { NodeState } from './node.model.js';
import { DateTime } from './scalars.js';

@ObjectType('Because', { description: "The step that led into a node's state" })
export class BecauseModel {
  @Field(() => String)
  readonly eventType!: string;

  @Field(() => ID)
  readonly eventId!: string;

  @Field(() => DateTime, { description: 'Append time of the message' })
  readonly occurredAt!: string;

  @Field(() => String, { description: "Of the orchestrator's contract" })
  readonly rule!: string;
}

@ObjectType('Explanation', { description: 'Why a node is in the state that it is in' })
export class ExplanationModel implements Explanation {
  @Field(() => ID)
  readonly nodeId!: string;

  @Field(() => NodeState)
  readonly state!: StateOfNode;

  @Field(() => DateTime, { description: 'When the message came that led into the state' })
  readonly since!: string;

  @Field(() => BecauseModel)
  readonly because!: BecauseModel;

  @Field(() => String, { description: 'All of it in words: a line for each thought' })
  readonly text!: string;
}
