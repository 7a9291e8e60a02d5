import { Inject } from '@nestjs/common';
import { Query, Resolver } from '@nestjs/graphql';
import { RegistryStatsReader } from '../read/registry-stats-reader.js';
import { RegistryStatsModel } from './stats.model.js';

@Resolver(() => RegistryStatsModel)
export class StatsResolver {
  constructor(@Inject(RegistryStatsReader) private readonly reader: RegistryStatsReader) {}

  @Query(() => RegistryStatsModel, { description: 'The whole fleet in numbers' })
  registryStats(): Promise<RegistryStatsModel> {
    return this.reader.stats();
  }
}
