/** Prints the OpenAPI document on standard output; needs no server. What it prints is committed as openapi.json. */
import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ACCESS_OPTIONS } from '../access/access-options.js';
import { WhoAmIController } from '../access/whoami.controller.js';
import { AuditController } from '../audit/audit.controller.js';
import { AuditLog } from '../audit/audit-log.js';
import { Refusals } from '../audit/refusals.js';
import { HealthController } from '../health/health.controller.js';
import { createHttpAdapter } from '../http/adapter.js';
import { BUS, ComponentRegistry, DRIFT_BELL, HealthRegistry, LOG, STATE_DATABASE } from '../../runtime/index.js';
import { COMMAND_PROVIDERS } from '../commands/providers.js';
import { Redriver } from '../dead-letters/redriver.js';
import { DriftController } from '../drift/drift.controller.js';
import { DRIFT_PROVIDERS } from '../drift/providers.js';
import { EventMetrics } from '../events/event-metrics.js';
import { FleetEventsController } from '../events/fleet-events.controller.js';
import { FleetHub } from '../events/fleet-hub.js';
import { Explainer } from '../explain/explainer.js';
import { EVENT_HUB_LIMITS, EventHub } from '../gateway/event-hub.js';
import { EventsController } from '../gateway/events.controller.js';
import { GatewayController } from '../gateway/gateway.controller.js';
import { StreamSlots } from '../gateway/stream-slots.js';
import { API_OPTIONS } from '../options.js';
import { AuditStore } from '../read/audit-store.js';
import { DeadLetterReader } from '../read/dead-letters-reader.js';
import { ExpiryGuard } from '../read/expiry-guard.js';
import { FleetReader } from '../read/fleet-reader.js';
import { NodeDetailReader } from '../read/node-detail-reader.js';
import { PastReader } from '../read/past-reader.js';
import { RegistryStatsReader } from '../read/registry-stats-reader.js';
import { CommandsController } from './commands.controller.js';
import { DeadLetterRedrivesController } from './dead-letter-redrives.controller.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { ExpiryController } from './expiry.controller.js';
import { IntrospectionRequestsController } from './introspection-requests.controller.js';
import { RegistrationMetricsController } from './metrics.controller.js';
import { NodeDetailsController } from './node-details.controller.js';
import { NodesController } from './nodes.controller.js';
import { OperationsController } from './operations.controller.js';
import { openApiDocument } from './openapi.js';

/** The described controllers; nothing here is ever called. */
@Module({
  controllers: [
    NodesController,
    NodeDetailsController,
    CommandsController,
    OperationsController,
    IntrospectionRequestsController,
    DeadLettersController,
    DeadLetterRedrivesController,
    RegistrationMetricsController,
    ExpiryController,
    DriftController,
    GatewayController,
    EventsController,
    FleetEventsController,
    WhoAmIController,
    AuditController,
    HealthController,
  ],
  providers: [
    FleetReader,
    NodeDetailReader,
    PastReader,
    Explainer,
    ComponentRegistry,
    DeadLetterReader,
    Redriver,
    RegistryStatsReader,
    ExpiryGuard,
    ...DRIFT_PROVIDERS,
    EventHub,
    HealthRegistry,
    AuditStore,
    ...COMMAND_PROVIDERS,
    ...[
      STATE_DATABASE,
      BUS,
      DRIFT_BELL,
      LOG,
      API_OPTIONS,
      EVENT_HUB_LIMITS,
      FleetHub,
      EventMetrics,
      StreamSlots,
      ACCESS_OPTIONS,
      AuditLog,
      Refusals,
    ].map((provide) => ({ provide, useValue: null })),
  ],
})
class Described {}

const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const app = await NestFactory.create(Described, createHttpAdapter(), { logger: false });
process.stdout.write(`${JSON.stringify(openApiDocument(app, version), null, 2)}\n`);
await app.close();
