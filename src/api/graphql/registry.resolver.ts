import { Inject } from '@nestjs/common';
import { Args, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { z } from 'zod';
import { validated } from '../http/validate.js';
import { DEFAULT_PAGE, pageSize, pastMoment, position } from '../parameters.js';
import { encodeCursor, placeAsOf, positionAsOf } from '../read/cursor.js';
import { PastReader } from '../read/past-reader.js';
import { AFTER, filterArgument, FIRST, orNull } from './arguments.js';
import { NodeConnection, pageInfoOf } from './connection.model.js';
import { modelOf, NodeFilterInput } from './node.model.js';
import { RegistryModel } from './registry.model.js';
import { DateTime } from './scalars.js';

@Resolver(() => RegistryModel)
export class RegistryResolver {
  constructor(@Inject(PastReader) private readonly past: PastReader) {}

  @Query(() => RegistryModel, { description: 'The registry as it was at a moment that has been' })
  registry(@Args('asOf', { type: () => DateTime }) asOf: unknown): RegistryModel {
    return { asOf: validated(pastMoment, asOf, 'argument', 'asOf') };
  }

  @ResolveField(() => NodeConnection, {
    description: 'Nodes that were known then, as they were then, in the order of their ids. lastHeartbeatAt is null',
  })
  async nodes(
    @Parent() { asOf }: RegistryModel,
    @Args('filter', { type: () => NodeFilterInput, nullable: true }) filter?: unknown,
    @Args('first', FIRST) first?: unknown,
    @Args('after', AFTER) after?: unknown,
  ): Promise<NodeConnection> {
    const wanted = validated(argumentsAsOf(asOf), { filter, first, after }, 'argument');
    const slice = { limit: wanted.first ?? DEFAULT_PAGE, after: wanted.after ?? null };
    const { items, next } = await this.past.list(asOf, wanted.filter ?? {}, slice);
    const edges = items.map((node) => ({
      cursor: encodeCursor('nodes-as-of', positionAsOf({ asOf, after: node.nodeId })),
      node: modelOf(node),
    }));
    return { edges, pageInfo: pageInfoOf(edges, slice.after, next !== null), filter: wanted.filter ?? {}, asOf };
  }
}

/** A cursor of another moment would lead into another list. */
function argumentsAsOf(asOf: string) {
  const after = position('nodes-as-of').transform((place, context) => {
    const { asOf: moment, after } = placeAsOf(place);
    if (moment !== asOf) context.addIssue(`is of the list as of ${moment}`);
    return moment === asOf ? after : z.NEVER;
  });
  return z.object({ filter: filterArgument, first: orNull(pageSize), after: orNull(after) });
}
