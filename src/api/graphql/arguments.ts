import { Int } from '@nestjs/graphql';
import type { z } from 'zod';
import { DEFAULT_PAGE, MAX_PAGE } from '../parameters.js';

/** Null is as good as absent in GraphQL. */
export const orNull = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

/** Arguments of every connection. */
export const FIRST = { type: () => Int, nullable: true, description: `1-${MAX_PAGE}, ${DEFAULT_PAGE} when absent` };
export const AFTER = { type: () => String, nullable: true, description: 'The endCursor of the page before' };
