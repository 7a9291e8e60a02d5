import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { parse } from 'yaml';
import { OPERATIONS, TOPICS } from '../../src/messages/index.js';
import { createConsulEffect, createPostgresEffect } from '../../src/registry-effect/index.js';
import { withDefaults } from '../../src/registry-effect/resilience/resilience-options.js';

type Traffic = { readonly topic: keyof typeof TOPICS; readonly messages: readonly string[] };
type Contract = {
  readonly consumes: readonly Traffic[];
  readonly publishes: readonly Traffic[];
  readonly handler_routing: {
    readonly routing_strategy: string;
    readonly handlers: readonly { readonly routing_key: string; readonly handler: string }[];
  };
  readonly timings: Readonly<Record<string, number>>;
};
const contract = parse(readFileSync('src/registry-effect/contract.yaml', 'utf8')) as Contract;

describe('contract.yaml', () => {
  it('routes every operation to a handler that exists', async () => {
    const consul = createConsulEffect({ address: '127.0.0.1:1', registryId: 'test' });
    const postgres = createPostgresEffect({ pool: new pg.Pool() });
    const ids = [
      consul.registerConsulServices,
      consul.deregisterConsulServices,
      consul.removeConsulServices,
      postgres.upsertRegistrations,
      postgres.deactivateRegistrations,
    ].map(({ id }) => id);
    await consul.close();
    const { handlers, routing_strategy: strategy } = contract.handler_routing;
    expect(strategy).toBe('operation_match');
    expect(handlers.map(({ routing_key: key }) => key)).toEqual(OPERATIONS);
    expect(handlers.map(({ handler }) => handler)).toEqual(ids);
  });

  it('names the topics and messages that the vocabulary gives this component', () => {
    for (const { topic, messages } of contract.consumes) {
      expect(TOPICS[topic].consumers).toContain('registry-effect');
      expect(TOPICS[topic].messages).toEqual(messages);
    }
    for (const { topic, messages } of contract.publishes) {
      expect(TOPICS[topic].producers).toContain('registry-effect');
      expect(TOPICS[topic].messages).toEqual(messages);
    }
  });

  it('tells the times that the code has', () => {
    const inside = Object.fromEntries(
      Object.entries(contract.timings).map(([name, value]) => [
        name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
        value,
      ]),
    );
    expect(withDefaults({})).toEqual(inside);
  });
});
