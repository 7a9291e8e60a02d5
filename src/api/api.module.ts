import { Module, type DynamicModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { LOG, type Log } from '../runtime/index.js';
import { AsyncApiController } from './asyncapi/asyncapi.controller.js';
import { WhoAmIController } from './access/whoami.controller.js';
import { AuditController } from './audit/audit.controller.js';
import { CatalogModule } from './catalog/catalog.module.js';
import { COMMAND_PROVIDERS } from './commands/providers.js';
import { DEAD_LETTER_PROVIDERS } from './dead-letters/providers.js';
import { DriftController } from './drift/drift.controller.js';
import { DRIFT_PROVIDERS } from './drift/providers.js';
import { EventsModule } from './events/events.module.js';
import { Explainer } from './explain/explainer.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { graphqlOptions } from './graphql/graphql-options.js';
import { RESOLVERS } from './graphql/resolvers.js';
import { FleetGauges } from './health/fleet-gauges.js';
import { SocketModule } from './graphql/socket/socket.module.js';
import { HealthModule } from './health/health.module.js';
import { HomeController } from './http/home.controller.js';
import { API_OPTIONS, type ApiOptions } from './options.js';
import { ExpiryGuard } from './read/expiry-guard.js';
import { FleetReader } from './read/fleet-reader.js';
import { NodeDetailReader } from './read/node-detail-reader.js';
import { PastReader } from './read/past-reader.js';
import { RegistryStatsReader } from './read/registry-stats-reader.js';
import { CommandsController } from './rest/commands.controller.js';
import { DeadLetterRedrivesController } from './rest/dead-letter-redrives.controller.js';
import { DeadLettersController } from './rest/dead-letters.controller.js';
import { ExpiryController } from './rest/expiry.controller.js';
import { IntrospectionRequestsController } from './rest/introspection-requests.controller.js';
import { RegistrationMetricsController } from './rest/metrics.controller.js';
import { NodeDetailsController } from './rest/node-details.controller.js';
import { NodesController } from './rest/nodes.controller.js';
import { OperationsController } from './rest/operations.controller.js';

/** REST, GraphQL, health and metrics. Needs AccessModule, and LOG, METRICS, STATE_DATABASE and HealthRegistry from a global module. */
@Module({})
export class ApiModule {
  static register(options: ApiOptions): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        HealthModule,
        GatewayModule,
        EventsModule,
        SocketModule.register(options),
        ...(options.catalog ? [CatalogModule] : []),
        GraphQLModule.forRootAsync<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          inject: [LOG],
          useFactory: (log: Log) => graphqlOptions(log, options.production),
        }),
      ],
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
        WhoAmIController,
        AuditController,
        HomeController,
        AsyncApiController,
      ],
      providers: [
        { provide: API_OPTIONS, useValue: options },
        FleetReader,
        PastReader,
        NodeDetailReader,
        Explainer,
        ...DEAD_LETTER_PROVIDERS,
        RegistryStatsReader,
        FleetGauges,
        ExpiryGuard,
        ...DRIFT_PROVIDERS,
        ...RESOLVERS,
        ...COMMAND_PROVIDERS,
      ],
    };
  }
}
