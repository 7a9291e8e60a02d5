import { GraphQLScalarType } from 'graphql';

/** They pass on what they get: answers are sound already, and an argument is checked as in REST (`pastMoment`). */
export const JSONObject = new GraphQLScalarType<unknown, unknown>({
  name: 'JSONObject',
  description: 'A JSON object, as the node sent it',
  serialize: (value) => value,
});

export const DateTime = new GraphQLScalarType<unknown, unknown>({
  name: 'DateTime',
  description: 'A time of RFC 3339, such as 2026-11-21T09:30:00.000Z; in answers always UTC',
  serialize: (value) => value,
});
