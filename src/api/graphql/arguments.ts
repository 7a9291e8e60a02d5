import { Int } from '@nestjs/graphql';
import { z } from 'zod';
import { DEFAULT_PAGE, MAX_PAGE, nodeFilter } from '../parameters.js';

/** Null is as good as absent in GraphQL. */
export const orNull = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** Arguments of every connection. */
export const FIRST = { type: () => Int, nullable: true, description: `1-${MAX_PAGE}, ${DEFAULT_PAGE} when absent` };
export const AFTER = { type: () => String, nullable: true, description: 'The endCursor of the page before' };

/** A filter of nodes, in which null is as good as absent, too. */
export const filterArgument = orNull(
  z.object({
    state: orNull(nodeFilter.shape.state),
    nodeType: orNull(nodeFilter.shape.nodeType),
    capability: orNull(nodeFilter.shape.capability),
    q: orNull(nodeFilter.shape.q),
  }),
);
