import { GraphQLScalarType } from 'graphql';

/** Both are answers only, and what is behind them is sound already: they pass it on. */
export const JSONObject = new GraphQLScalarType<unknown, unknown>({
  name: 'JSONObject',
  description: 'A JSON object, as the node sent it',
  serialize: (value) => value,
});

export const DateTime = new GraphQLScalarType<unknown, unknown>({
  name: 'DateTime',
  description: 'A time of RFC 3339, UTC, such as 2026-11-21T09:30:00.000Z',
  serialize: (value) => value,
});
