import { Module, type DynamicModule } from '@nestjs/common';
import { GraphQLModule } from '@nestjs/graphql';
import { MercuriusDriver, type MercuriusDriverConfig } from '@nestjs/mercurius';
import { LOG, type Log } from '../runtime/index.js';
import { GatewayModule } from './gateway/gateway.module.js';
import { graphqlOptions } from './graphql/graphql-options.js';
import { NodesResolver } from './graphql/nodes.resolver.js';
import { HealthModule } from './health/health.module.js';
import { HomeController } from './http/home.controller.js';
import { API_OPTIONS, type ApiOptions } from './options.js';
import { FleetReader } from './read/fleet-reader.js';
import { NodesController } from './rest/nodes.controller.js';

/** REST, GraphQL, health and metrics. Needs LOG, METRICS, STATE_DATABASE and HealthRegistry from a global module. */
@Module({})
export class ApiModule {
  static register(options: ApiOptions): DynamicModule {
    return {
      module: ApiModule,
      imports: [
        HealthModule,
        GatewayModule,
        GraphQLModule.forRootAsync<MercuriusDriverConfig>({
          driver: MercuriusDriver,
          inject: [LOG],
          useFactory: (log: Log) => graphqlOptions(log, options.production),
        }),
      ],
      controllers: [NodesController, HomeController],
      providers: [{ provide: API_OPTIONS, useValue: options }, FleetReader, NodesResolver],
    };
  }
}
