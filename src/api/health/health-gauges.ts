import { Inject, Injectable } from '@nestjs/common';
import { Gauge, type Registry } from 'prom-client';
import { HealthRegistry, METRICS, type ComponentStatus } from '../../runtime/index.js';

const VALUES: Readonly<Record<ComponentStatus, number>> = { unhealthy: 0, degraded: 1, healthy: 2 };

/** What `/health` and `/health/ready` say, for alerts: as the probes found it last, so that reading costs nothing. */
@Injectable()
export class HealthGauges {
  constructor(@Inject(HealthRegistry) health: HealthRegistry, @Inject(METRICS) registry: Registry) {
    const registers = [registry];
    const ready: Gauge = new Gauge({
      name: 'rollcall_ready',
      help: 'Whether the process can do its work, as /health/ready says: 1, else 0',
      registers,
      collect: () => ready.set(health.health().status === 'unhealthy' ? 0 : 1),
    });
    const components: Gauge<'component'> = new Gauge({
      name: 'rollcall_component_status',
      help: 'A component of /health: 2 healthy, 1 degraded, 0 unhealthy; conditions (expiry, drift) only while they are amiss',
      labelNames: ['component'],
      registers,
      collect: () => {
        components.reset();
        for (const [component, { status }] of Object.entries(health.health().components)) {
          components.set({ component }, VALUES[status]);
        }
      },
    });
  }
}
