import { Inject } from '@nestjs/common';
import { Args, ID, Int, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { z } from 'zod';
import { validated } from '../http/validate.js';
import { DEFAULT_PAGE, nodeIdParameter, pageSize, position } from '../parameters.js';
import { encodeCursor } from '../read/cursor.js';
import { FleetReader } from '../read/fleet-reader.js';
import { AFTER, FIRST, orNull } from './arguments.js';
import { HistoryConnection, pageInfoOf } from './connection.model.js';

const historyArguments = z.object({ id: nodeIdParameter, first: orNull(pageSize), after: orNull(position('history')) });

@Resolver(() => HistoryConnection)
export class HistoryResolver {
  constructor(@Inject(FleetReader) private readonly fleet: FleetReader) {}

  @Query(() => HistoryConnection, {
    nullable: true,
    description: "Steps of a node's workflow, the oldest first; null for an unknown node",
  })
  async nodeHistory(
    @Args('id', { type: () => ID }) id: string,
    @Args('first', FIRST) first?: unknown,
    @Args('after', AFTER) after?: unknown,
  ): Promise<HistoryConnection | null> {
    const wanted = validated(historyArguments, { id, first, after }, 'argument');
    const slice = { limit: wanted.first ?? DEFAULT_PAGE, after: wanted.after ?? null };
    const page = await this.fleet.history(wanted.id, slice);
    if (page === null) return null;
    const edges = page.items.map((node, index) => ({
      cursor: encodeCursor('history', page.positions[index] ?? ''),
      node,
    }));
    return { edges, pageInfo: pageInfoOf(edges, slice.after, page.next !== null), nodeId: wanted.id };
  }

  @ResolveField(() => Int, { description: 'Steps on all pages; counted when asked for' })
  totalCount(@Parent() connection: HistoryConnection): Promise<number> {
    return this.fleet.countHistory(connection.nodeId);
  }
}
