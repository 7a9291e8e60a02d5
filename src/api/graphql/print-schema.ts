/** Prints the GraphQL schema (SDL) on standard output; needs no server. What it prints is committed as schema.gql. */
import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { GraphQLSchemaBuilderModule, GraphQLSchemaFactory } from '@nestjs/graphql';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { SCHEMA_OPTIONS } from './graphql-options.js';
import { RESOLVERS } from './resolvers.js';

const app = await NestFactory.createApplicationContext(GraphQLSchemaBuilderModule, { logger: false });
const schema = await app.get(GraphQLSchemaFactory).create([...RESOLVERS], SCHEMA_OPTIONS);
process.stdout.write(`${printSchema(lexicographicSortSchema(schema))}\n`);
await app.close();
