import { Inject } from '@nestjs/common';
import { Args, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { z } from 'zod';
import { validated } from '../http/validate.js';
import { DEFAULT_PAGE, nodeFilter, nodeIdParameter, pageSize, position } from '../parameters.js';
import { encodeCursor } from '../read/cursor.js';
import { FleetReader } from '../read/fleet-reader.js';
import type { Node } from '../read/node.js';
import { AFTER, FIRST, orNull } from './arguments.js';
import { NodeConnection, pageInfoOf } from './connection.model.js';
import { NodeFilterInput, NodeModel } from './node.model.js';

const nodesArguments = z.object({
  filter: orNull(
    z.object({
      state: orNull(nodeFilter.shape.state),
      nodeType: orNull(nodeFilter.shape.nodeType),
      capability: orNull(nodeFilter.shape.capability),
      q: orNull(nodeFilter.shape.q),
    }),
  ),
  first: orNull(pageSize),
  after: orNull(position('nodes')),
});

@Resolver(() => NodeConnection)
export class NodesResolver {
  constructor(@Inject(FleetReader) private readonly fleet: FleetReader) {}

  @Query(() => NodeModel, { nullable: true, description: 'A node by its id; null when there is none' })
  async node(@Args('id', { type: () => ID }) id: string): Promise<NodeModel | null> {
    const node = await this.fleet.node(validated(nodeIdParameter, id, 'argument', 'id'));
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
    return { edges, pageInfo: pageInfoOf(edges, slice.after, next !== null), filter: wanted.filter ?? {} };
  }

  @ResolveField(() => Int, { description: 'Nodes that the filter lets pass, on all pages; counted when asked for' })
  totalCount(@Parent() connection: NodeConnection): Promise<number> {
    return this.fleet.count(connection.filter);
  }
}

function modelOf(node: Node): NodeModel {
  return { id: node.nodeId, ...node };
}
