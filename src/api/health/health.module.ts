import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthGauges } from './health-gauges.js';
import { MetricsController } from './metrics.controller.js';

/** What every process shows, whatever its roles: its health and its metrics. */
@Module({ controllers: [HealthController, MetricsController], providers: [HealthGauges] })
export class HealthModule {}
