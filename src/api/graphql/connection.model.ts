import { Field, ObjectType } from '@nestjs/graphql';
import type { NodeFilter } from '../read/node.js';
import { HistoryItemModel } from './history.model.js';
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

  /** What `totalCount` counts, should it be asked for: now, or at a moment. */
  readonly filter!: NodeFilter;
  readonly asOf!: string | null;
}

@ObjectType('HistoryEdge')
export class HistoryEdge {
  @Field(() => String)
  readonly cursor!: string;

  @Field(() => HistoryItemModel)
  readonly node!: HistoryItemModel;
}

@ObjectType('HistoryConnection')
export class HistoryConnection {
  @Field(() => [HistoryEdge])
  readonly edges!: readonly HistoryEdge[];

  @Field(() => PageInfo)
  readonly pageInfo!: PageInfo;

  /** Whose steps `totalCount` counts, should it be asked for. */
  readonly nodeId!: string;
}

type Edge = { readonly cursor: string };

/** `after`: what the page was asked to follow. */
export function pageInfoOf(edges: readonly Edge[], after: string | null, hasNextPage: boolean): PageInfo {
  return {
    hasNextPage,
    hasPreviousPage: after !== null,
    startCursor: edges[0]?.cursor ?? null,
    endCursor: edges.at(-1)?.cursor ?? null,
  };
}
