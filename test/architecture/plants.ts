import { posix } from 'node:path';

/** A violation planted for a gate to catch, or a lawful neighbour that it must let pass. */
export type Plant = {
  readonly what: string;
  readonly file: string;
  readonly text: string;
  /** The rule that must catch it; null: no rule may mind. */
  readonly rule: string | null;
  /** Further files that it needs, as path and text. */
  readonly beside?: readonly (readonly [string, string])[];
};

let planted = 0;

/** `place` is a folder, or a file that is named on purpose. */
export function inside(place: string, text: string, rule: string | null, what = text): Plant {
  planted += 1;
  return {
    what: `${place}: ${what}`,
    file: place.endsWith('.ts') ? place : `${place}/plant-${planted}.ts`,
    text,
    rule,
  };
}

/** One file of ours imports another, which is planted too. */
function importing(place: string, target: string, rule: string | null): Plant {
  const bare = inside(place, '', rule, `imports ${target}`);
  const specifier = posix.relative(posix.dirname(bare.file), target.replace(/ts$/, 'js')).replace(/^(?!\.)/, './');
  return { ...bare, text: `export { value } from '${specifier}';\n`, beside: [[target, 'export const value = 1;\n']] };
}

const REDUCER = 'reducer-knows-only-messages';
const ORCHESTRATOR = 'orchestrator-knows-only-messages';
const EFFECT = 'registry-effect-knows-only-messages';
const RUNTIME = 'runtime-knows-no-component';
const API = 'api-knows-only-messages-and-runtime';
const SIMULATOR = 'simulator-knows-the-loop-and-its-components';
const KAFKAJS = "export { Kafka } from 'kafkajs';";
const CONSUL = "export { default as Consul } from 'consul';";
const OTEL = "export { trace } from '@opentelemetry/api';";
const JOSE = "export { jwtVerify } from 'jose';";
const PG = "export { Pool } from 'pg';";
const NEST = "export { Module } from '@nestjs/common';";
const TYPEORM = "export { DataSource } from 'typeorm';";

/** For dependency-cruiser. */
export const ARROW_PLANTS: readonly Plant[] = [
  inside('src/reducer', KAFKAJS, REDUCER),
  inside('src/reducer', "export { readFileSync } from 'node:fs';", REDUCER),
  inside('src/reducer', "export type { Kafka } from 'kafkajs';", REDUCER),
  importing('src/reducer', 'src/orchestrator/target.ts', REDUCER),
  importing('src/reducer', 'src/runtime/index.ts', REDUCER),
  inside('src/reducer', "export { NODE_TYPES } from '../messages/index.js';", 'reducer-takes-only-types'),
  inside('src/reducer', "import '../messages/index.js';", 'reducer-takes-only-types'),
  inside('src/reducer', "export type { Message } from '../messages/catalogue.js';", null),
  importing('src/reducer', 'src/reducer/target.module.ts', 'reducer-logic-knows-no-module'),
  importing('src/reducer/a.module.ts', 'src/runtime/index.ts', null),
  importing('src/reducer/b.module.ts', 'src/runtime/target.ts', 'reducer-module-knows-only-runtime'),
  importing('src/reducer/c.module.ts', 'src/orchestrator/target.ts', 'reducer-module-knows-only-runtime'),

  inside('src/orchestrator', PG, ORCHESTRATOR),
  inside('src/orchestrator', "export { createHash } from 'node:crypto';", ORCHESTRATOR),
  importing('src/orchestrator', 'src/reducer/target.ts', ORCHESTRATOR),
  importing('src/orchestrator', 'src/config.ts', ORCHESTRATOR),
  inside('src/orchestrator', "export { canonicalHash } from '../messages/index.js';", null),

  importing('src/registry-effect/consul', 'src/reducer/target.ts', EFFECT),
  importing('src/registry-effect/consul', 'src/runtime/index.ts', EFFECT),
  importing('src/registry-effect/a.module.ts', 'src/runtime/index.ts', null),
  importing('src/registry-effect/b.module.ts', 'src/runtime/target.ts', 'registry-effect-module-knows-only-runtime'),

  importing('src/runtime', 'src/orchestrator/target.ts', RUNTIME),
  importing('src/runtime/lanes', 'src/registry-effect/target.ts', RUNTIME),
  importing('src/runtime', 'src/api/target.ts', RUNTIME),
  importing('src/runtime/events', 'src/runtime/kafka/target.ts', 'events-know-no-transport'),
  importing('src/runtime/events', 'src/runtime/lanes/lane.ts', null),
  importing('src/api/rest', 'src/reducer/target.ts', API),
  importing('src/api/rest', 'src/runtime/target.ts', API),
  importing('src/api/asyncapi', 'src/orchestrator/target.ts', API),
  importing('src/api/rest', 'src/runtime/index.ts', null),
  importing('src/client', 'src/runtime/index.ts', 'client-knows-only-messages'),
  inside('src/client/http', NEST, 'client-is-no-nest-program'),
  inside('src/client/nest', NEST, null),
  importing('src/self-registration', 'src/client/member.ts', 'self-registration-is-a-node'),
  importing('src/self-registration', 'src/client/sdk.ts', null),
  importing('src/api/rest', 'src/self-registration/target.ts', 'only-main-knows-self-registration'),
  importing('src/fleet', 'src/runtime/index.ts', 'fleet-knows-only-client-and-messages'),
  importing('src/fleet', 'src/client/target.ts', null),
  importing('src/fleet', 'src/config/connections.ts', null),
  importing('src/fleet', 'src/config/variables.ts', 'fleet-knows-only-client-and-messages'),
  importing('src/chaos', 'src/api/target.ts', 'chaos-knows-programs-and-module-entries'),
  importing('src/replay', 'src/chaos/target.ts', 'nobody-knows-chaos'),
  importing('src/bench', 'src/runtime/index.ts', 'bench-knows-client-fleet-and-messages'),
  importing('src/bench/load', 'src/fleet/target.ts', null),
  importing('src/fleet', 'src/bench/target.ts', 'nobody-knows-the-bench'),
  importing('src/token', 'src/messages/index.ts', 'token-command-knows-config'),
  importing('src/token', 'src/config/target.ts', null),
  importing('src/cli/commands', 'src/messages/index.ts', 'cli-knows-only-the-api'),
  importing('src/cli/registry', 'src/client/http/sse-parser.ts', null),
  importing('src/cli/import', 'src/messages/index.ts', null),
  importing('src/cli/import', 'src/runtime/index.ts', 'import-knows-only-the-cli-and-messages'),
  importing('src/cli/doctor', 'src/runtime/index.ts', null),
  importing('src/cli/doctor', 'src/runtime/target.ts', 'doctor-knows-only-the-facts-of-servers'),
  importing('src/cli/doctor', 'src/api/target.ts', 'doctor-knows-only-the-facts-of-servers'),
  importing('src/cli/commands', 'src/cli/doctor/target.ts', 'heavy-parts-of-the-cli-load-when-wanted'),
  importing('src/api', 'src/cli/target.ts', 'nobody-knows-the-cli'),
  importing('src/simulator', 'src/runtime/lanes/target.ts', null),
  importing('src/simulator', 'src/reducer/d.module.ts', null),
  importing('src/simulator', 'src/reducer/target.ts', SIMULATOR),
  importing('src/simulator/fleet', 'src/api/target.ts', SIMULATOR),
  importing('src/runtime', 'src/simulator/target.ts', 'nobody-knows-the-simulator'),
  importing('src/messages', 'src/runtime/index.ts', 'messages-know-only-messages'),
  inside('src/messages', "export { readFileSync } from 'node:fs';", 'messages-know-only-messages'),
  importing('src/console/words', 'src/messages/target.ts', 'console-knows-only-the-api'),
  importing('src/console/api', 'src/api-answers/answers.ts', null),
  importing('src/cli/registry', 'src/api-answers/answers.ts', null),
  importing('src/api-answers', 'src/api/target.ts', 'api-answers-know-nobody'),
  importing('src/api/rest', 'src/console/target.ts', 'nobody-knows-the-console'),
  importing('src/console/health', 'src/console/drift/target.ts', 'console-page-health-stands-alone'),
  importing('src/console/node', 'src/console/drift/target.ts', null),
  importing('src/console/words', 'src/console/parts/target.ts', 'console-words-know-no-page'),
  inside('src/console/parts', "export { useState } from 'react';", null),
  importing('src/config.ts', 'src/runtime/target.ts', 'config-knows-nobody'),
  importing('src/main.ts', 'src/orchestrator/target.ts', null),

  inside('src/api', KAFKAJS, 'kafkajs-only-in-transports'),
  inside('src/runtime/lanes', "export type { Kafka } from 'kafkajs';", 'kafkajs-only-in-transports'),
  inside('src/runtime/kafka', KAFKAJS, null),
  inside('src/client/kafka', KAFKAJS, null),
  inside('src/bench/yardsticks', KAFKAJS, null),
  inside('src/api', OTEL, 'opentelemetry-only-in-tracing'),
  inside('src/runtime/lanes', "export type { Span } from '@opentelemetry/api';", 'opentelemetry-only-in-tracing'),
  inside('src/runtime/tracing', OTEL, null),
  inside('src/api/events', "export type { WebSocket } from 'ws';", 'websockets-only-in-the-socket'),
  inside('src/api/graphql/socket', "export type { WebSocket } from 'ws';", null),
  inside('src/api/rest', JOSE, 'jose-only-in-access'),
  inside('src/api/access/oidc', JOSE, null),
  inside('src/cli/doctor', KAFKAJS, 'kafkajs-only-in-transports'),
  inside('src/runtime', CONSUL, 'consul-only-in-its-effect'),
  inside('src/registry-effect/consul', CONSUL, null),
  inside('src/api/rest', PG, 'sql-only-where-data-live'),
  inside('src/registry-effect', TYPEORM, 'sql-only-where-data-live'),
  inside('src/runtime/snapshots', PG, 'sql-only-where-data-live'),
  inside('src/api/read', PG, null),
  inside('src/runtime/journal', PG, null),
  inside('src/bench/yardsticks', PG, null),
  inside('src/cli/doctor', PG, 'sql-only-where-data-live'),
  inside('src/registry-effect/postgres', TYPEORM, null),

  {
    ...inside('src/runtime/about.ts', "export { value } from './round.js';", 'no-cycles', 'a cycle'),
    beside: [['src/runtime/round.ts', "import './about.js';\nexport const value = 1;\n"]],
  },
  inside('src/runtime', 'export const value = 1;', 'no-orphans'),
  inside('src/runtime', "export { value } from './nowhere.js';", 'no-unresolvable'),
  inside('src/runtime', "export { fc } from 'fast-check';", 'no-undeclared-packages'),
  {
    ...importing('src/runtime', 'test/support/target.ts', 'no-tests-in-programs'),
  },
];

const ENV = 'no-restricted-properties';

/** For ESLint; purity-plants.ts has those of the pure folders. */
export const LINT_PLANTS: readonly Plant[] = [
  inside('src/api', "export const value = process.env['X'];", ENV),
  inside('src/runtime', 'export const { env } = process;', ENV),
  inside('src/runtime', "import process from 'node:process'; export const value = process.env;", ENV),
  inside('src/runtime', "import { env } from 'node:process'; export const value = env;", 'no-restricted-imports'),
  inside('src/config.ts', "export const value = process.env['X'];", null),
  inside('src/runtime', 'console.log(1);', 'no-console'),
  inside('src/runtime', 'export default 1;', 'no-restricted-exports'),
  inside(
    'src/console',
    "import { useState } from 'react'; export function useX(on: boolean) { return on ? useState(1) : null; }",
    'react-hooks/rules-of-hooks',
  ),
  inside('src/runtime', 'export const value: any = 1;', '@typescript-eslint/no-explicit-any'),
  inside('src/runtime', 'Promise.resolve(1);', '@typescript-eslint/no-floating-promises'),
  inside(
    'src/runtime',
    "export function f(x: 'a' | 'b') { switch (x) { case 'a': return 1; } return 2; }",
    '@typescript-eslint/switch-exhaustiveness-check',
  ),
];
