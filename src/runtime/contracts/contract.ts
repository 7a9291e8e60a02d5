import { z } from 'zod';

const names = z.array(z.string()).readonly();

const consumed = z.strictObject({
  topic: z.string(),
  messages: names,
  /** Consumer group, without its prefix: what is consumed together is decided together. */
  group: z.enum(['orchestrator', 'heartbeats', 'reducer', 'consul', 'postgres']),
});

const published = z.strictObject({ topic: z.string(), messages: names });

const route = z.strictObject({
  routing_key: z.string(),
  handler: z.string(),
  /** Only for messages of one category; all when absent. */
  category: z.enum(['event', 'command', 'intent']).optional(),
  /** Effects: the message that tells of success. */
  confirms: z.string().optional(),
});

const rule = z.strictObject({
  about: z.string(),
  triggers: names.default([]),
  /** States gone through on the way. */
  through: names.default([]),
  /** States that it may end in; empty: the state stays. */
  to: names.default([]),
  outputs: names.default([]),
  outputs_are: z.enum(['exactly', 'some_of']).default('exactly'),
  ignored: z.string().optional(),
  /** False: moves the deadline columns only. */
  journalled: z.boolean().default(true),
});

const stateMachine = z.strictObject({
  initial: z.string(),
  states: names,
  passed_through: names,
  rules: z.record(z.string(), rule),
  /** message -> rules by which it is passed over in any state, before the table is asked. */
  before_table: z.record(z.string(), names).default({}),
  /** state -> message -> rules of which its handler takes one. */
  table: z.record(z.string(), z.record(z.string(), names)),
});

/** A component's contract.yaml. Strict: a misspelt key is a mistake, not an extension. */
export const contractSchema = z.strictObject({
  name: z.enum(['orchestrator', 'reducer', 'registry-effect']),
  node_type: z.enum(['orchestrator', 'reducer', 'effect']),
  contract_version: z.string().regex(/^\d+\.\d+\.\d+$/),
  description: z.string(),
  consumes: z.array(consumed).readonly(),
  publishes: z.array(published).readonly(),
  handler_routing: z.strictObject({
    routing_strategy: z.enum(['payload_type_match', 'operation_match', 'topic_pattern']),
    handlers: z.array(route).readonly(),
  }),
  state_machine: stateMachine.optional(),
  admission: z
    .strictObject({
      allowed_node_types: names,
      required_fields: names,
      fleet_limit: z.number().int().positive().nullable(),
      /** States that count towards the fleet limit. */
      participating_states: names,
    })
    .optional(),
  timings: z.record(z.string(), z.number().int().positive()).optional(),
  execution_mode: z.enum(['parallel', 'sequential']).optional(),
  partial_failure_handling: z.boolean().optional(),
});

export type Contract = z.output<typeof contractSchema>;
export type StateMachineContract = NonNullable<Contract['state_machine']>;
export type RuleContract = StateMachineContract['rules'][string];
export type RoutingStrategy = Contract['handler_routing']['routing_strategy'];
export type Category = 'event' | 'command' | 'intent';
