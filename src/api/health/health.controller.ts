import { Controller, Get, Header, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { HealthRegistry, type ComponentHealth, type Health } from '../../runtime/index.js';
import { ACCESS_OPTIONS, type AccessOptions } from '../access/access-options.js';
import { Access } from '../access/access.js';
import { Answers } from '../rest/openapi-decorators.js';

/** How the process is. Answers from what the probes found last, so asking costs nothing and never waits. */
@Controller('health')
export class HealthController {
  constructor(
    @Inject(HealthRegistry) private readonly registry: HealthRegistry,
    @Inject(ACCESS_OPTIONS) private readonly access: AccessOptions,
  ) {}

  @Get()
  @Access('reader', { unlimited: true })
  @Header('cache-control', 'no-store')
  @Answers({
    summary: 'Health of every component; 503 when a critical one is missing',
    answers: { 200: 'Health', 503: 'Health' },
    problems: [],
  })
  all(@Res({ passthrough: true }) reply: FastifyReply): Health {
    const health = this.registry.health();
    void reply.code(health.status === 'unhealthy' ? 503 : 200);
    return health;
  }

  /** Whether the process runs at all; a backend that is away is no reason to restart it. */
  @Get('live')
  @Access('open', { unlimited: true })
  @Header('cache-control', 'no-store')
  @Answers({ summary: 'Whether the process runs', answer: 'Health', problems: [] })
  live(): Health {
    return { status: 'healthy', components: {} };
  }

  /** Whether it can do its work: the critical components alone. Who need not say who it is hears no more of them than that. */
  @Get('ready')
  @Access('open', { unlimited: true })
  @Header('cache-control', 'no-store')
  @Answers({
    summary: 'Whether the critical components are there; 503 when not',
    answers: { 200: 'Health', 503: 'Health' },
    problems: [],
  })
  ready(@Res({ passthrough: true }) reply: FastifyReply): Health {
    const { status, components } = this.registry.health();
    const critical = Object.entries(components).filter(([, component]) => component.critical);
    void reply.code(status === 'unhealthy' ? 503 : 200);
    const told = this.access.open
      ? critical
      : critical.map(([name, component]) => [name, withoutDetails(component)] as const);
    return { status: status === 'unhealthy' ? 'unhealthy' : 'healthy', components: Object.fromEntries(told) };
  }
}

/** Its message can have addresses and names of servers. */
function withoutDetails({ status, critical }: ComponentHealth): ComponentHealth {
  return { status, critical, message: status, details: {} };
}
