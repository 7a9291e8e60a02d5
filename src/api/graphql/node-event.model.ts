import { Field, ID, InputType, ObjectType } from '@nestjs/graphql';
import type { JsonObject } from '../../messages/index.js';
import { DateTime, JSONObject } from './scalars.js';

@ObjectType('NodeEvent', { description: 'Something that happened to a node, or to the registry, as it was published' })
export class NodeEventModel {
  @Field(() => String, { description: 'The place behind it: `after` this, a subscription goes on without a gap' })
  readonly cursor!: string;

  @Field(() => ID, { description: 'An event that comes a second time has the same' })
  readonly eventId!: string;

  @Field(() => String)
  readonly eventType!: string;

  @Field(() => String, { description: 'The registry, for what concerns no single node' })
  readonly nodeId!: string;

  @Field(() => DateTime)
  readonly occurredAt!: string;

  @Field(() => ID)
  readonly correlationId!: string;

  @Field(() => ID, { nullable: true })
  readonly causationId!: string | null;

  @Field(() => JSONObject, { description: 'By the event type; names in camelCase' })
  readonly payload!: JsonObject;
}

@InputType('NodeEventFilter', { description: 'All that are given have to hold' })
export class NodeEventFilterInput {
  @Field(() => String, { nullable: true })
  readonly nodeId?: string;

  @Field(() => [String], { nullable: true, description: 'One of these' })
  readonly eventType?: readonly string[];
}
