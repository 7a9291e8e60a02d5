import { Field, ID, Int, ObjectType } from '@nestjs/graphql';
import type { HistoryItem } from '../read/node.js';
import { DateTime } from './scalars.js';

@ObjectType('HistoryItem', {
  description: "A step of a node's workflow, as the journal keeps it; ignored messages included",
})
export class HistoryItemModel implements HistoryItem {
  @Field(() => Int, { description: 'Of the state after the step; an ignored message leaves it' })
  readonly version!: number;

  @Field(() => ID)
  readonly eventId!: string;

  @Field(() => String)
  readonly eventType!: string;

  @Field(() => String, { description: "Of the orchestrator's contract; tells of an ignored message why" })
  readonly rule!: string;

  @Field(() => String, { description: '`none` at first' })
  readonly fromStatus!: string;

  @Field(() => String, { description: 'States gone through, such as `pending_registration > accepted > awaiting_ack`' })
  readonly path!: string;

  @Field(() => String)
  readonly toStatus!: string;

  @Field(() => DateTime, { description: 'Append time of the message' })
  readonly occurredAt!: string;

  @Field(() => ID)
  readonly correlationId!: string;

  @Field(() => ID, { nullable: true })
  readonly causationId!: string | null;
}
