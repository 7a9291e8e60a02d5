import { Inject } from '@nestjs/common';
import { Args, ID, Info, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { z } from 'zod';
import { validated } from '../http/validate.js';
import { DEFAULT_PAGE, nodeIdParameter, pageSize, position } from '../parameters.js';
import { encodeCursor } from '../read/cursor.js';
import { FleetReader } from '../read/fleet-reader.js';
import { PastReader } from '../read/past-reader.js';
import { AsksOnly } from './asked-fields.js';
import { AFTER, filterArgument, FIRST, orNull } from './arguments.js';
import { NodeConnection, pageInfoOf } from './connection.model.js';
import {
  modelOf,
  NodeFilterInput,
  NodeModel,
  SUMMARY_FIELDS,
  summaryModelOf,
  type SummaryModel,
} from './node.model.js';

const nodesArguments = z.object({
  filter: filterArgument,
  first: orNull(pageSize),
  after: orNull(position('nodes')),
});

const onlySummary = new AsksOnly(SUMMARY_FIELDS);

@Resolver(() => NodeConnection)
export class NodesResolver {
  constructor(
    @Inject(FleetReader) private readonly fleet: FleetReader,
    @Inject(PastReader) private readonly past: PastReader,
  ) {}

  @Query(() => NodeModel, { nullable: true, description: 'A node by its id; null when there is none' })
  async node(
    @Args('id', { type: () => ID }) id: string,
    @Info() info: GraphQLResolveInfo,
  ): Promise<NodeModel | SummaryModel | null> {
    const nodeId = validated(nodeIdParameter, id, 'argument', 'id');
    if (onlySummary.holds(info)) {
      const summary = await this.fleet.summary(nodeId);
      return summary && summaryModelOf(summary);
    }
    const node = await this.fleet.node(nodeId);
    return node && modelOf(node);
  }

  @Query(() => NodeConnection, { description: 'Nodes, in the order of their ids' })
  async nodes(
    @Args('filter', { type: () => NodeFilterInput, nullable: true }) filter?: unknown,
    @Args('first', FIRST) first?: unknown,
    @Args('after', AFTER) after?: unknown,
  ): Promise<NodeConnection> {
    const wanted = validated(nodesArguments, { filter, first, after }, 'argument');
    const slice = { limit: wanted.first ?? DEFAULT_PAGE, after: wanted.after ?? null };
    const { items, next } = await this.fleet.list(wanted.filter ?? {}, slice);
    const edges = items.map((node) => ({ cursor: encodeCursor('nodes', node.nodeId), node: modelOf(node) }));
    return { edges, pageInfo: pageInfoOf(edges, slice.after, next !== null), filter: wanted.filter ?? {}, asOf: null };
  }

  @ResolveField(() => Int, { description: 'Nodes that the filter lets pass, on all pages; counted when asked for' })
  totalCount(@Parent() { filter, asOf }: NodeConnection): Promise<number> {
    return asOf === null ? this.fleet.count(filter) : this.past.count(asOf, filter);
  }
}
