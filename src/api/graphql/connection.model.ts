import { Field, ObjectType } from '@nestjs/graphql';
import type { NodeFilter } from '../read/node.js';
import { NodeModel } from './node.model.js';

/** Connections as Relay has them, forwards only. */
@ObjectType('PageInfo')
export class PageInfo {
  @Field(() => Boolean)
  readonly hasNextPage!: boolean;

  @Field(() => Boolean)
  readonly hasPreviousPage!: boolean;

  @Field(() => String, { nullable: true })
  readonly startCursor!: string | null;

  @Field(() => String, { nullable: true })
  readonly endCursor!: string | null;
}

@ObjectType('NodeEdge')
export class NodeEdge {
  @Field(() => String)
  readonly cursor!: string;

  @Field(() => NodeModel)
  readonly node!: NodeModel;
}

@ObjectType('NodeConnection')
export class NodeConnection {
  @Field(() => [NodeEdge])
  readonly edges!: readonly NodeEdge[];

  @Field(() => PageInfo)
  readonly pageInfo!: PageInfo;

  /** What `totalCount` counts, should it be asked for. */
  readonly filter!: NodeFilter;
}
