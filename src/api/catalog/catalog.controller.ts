import { Controller, Get, Inject, Param, Query, Req, Res, UseFilters } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';
import { CatalogReader, type Indexed } from '../read/catalog.js';
import { CatalogWatch } from './catalog-watch.js';
import { catalogNode, catalogService, serviceHealth } from './consul-json.js';
import { instanceQuery, passingOf, readQuery, type ReadQuery } from './consul-query.js';
import { ConsulRefusalFilter } from './consul-refusal.js';

/**
 * The part of Consul's HTTP API by which services are found, for the catalog that stands in for Consul: a client that has
 * `/consul` put before its paths works as it does with Consul. https://developer.hashicorp.com/consul/api-docs
 */
@Controller('consul/v1')
@ApiExcludeController()
@UseFilters(ConsulRefusalFilter)
export class CatalogController {
  constructor(
    @Inject(CatalogReader) private readonly catalog: CatalogReader,
    @Inject(CatalogWatch) private readonly watch: CatalogWatch,
  ) {}

  @Get('catalog/services')
  @Access('reader', { consulToken: true })
  services(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(readQuery(query), reply, async () => {
      const { index, value } = await this.catalog.services();
      return { index, value: Object.fromEntries(value) };
    });
  }

  @Get('catalog/service/*')
  @Access('reader', { consulToken: true })
  service(@Param('*') name: string, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const asked = instanceQuery(name, query);
    return this.answer(asked, reply, async () => {
      const { index, value } = await this.catalog.instances({ ...asked, passing: false });
      return { index, value: value.map(catalogService) };
    });
  }

  @Get('health/service/*')
  @Access('reader', { consulToken: true })
  health(@Param('*') name: string, @Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    const asked = instanceQuery(name, query);
    const passing = passingOf(query);
    return this.answer(asked, reply, async () => {
      const { index, value } = await this.catalog.instances({ ...asked, passing });
      return { index, value: value.map(serviceHealth) };
    });
  }

  @Get('catalog/nodes')
  @Access('reader', { consulToken: true })
  nodes(@Query() query: unknown, @Res() reply: FastifyReply): Promise<void> {
    return this.answer(readQuery(query), reply, async () => {
      const { index, value } = await this.catalog.nodes();
      return { index, value: value.map(catalogNode) };
    });
  }

  /** Whoever answers here is the leader of this catalog. */
  @Get('status/leader')
  @Access('reader', { consulToken: true })
  leader(@Req() { socket }: FastifyRequest, @Res() reply: FastifyReply): void {
    void reply.type('application/json').send(JSON.stringify(`${socket.localAddress}:${socket.localPort}`));
  }

  private async answer(query: ReadQuery, reply: FastifyReply, read: () => Promise<Indexed<unknown>>): Promise<void> {
    if (query.index > 0) {
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      await this.watch.past(query.index, query.waitMs, gone.signal);
      if (gone.signal.aborted) return;
    }
    const { index, value } = await read();
    void reply
      .headers({
        'x-consul-index': String(index),
        'x-consul-knownleader': 'true',
        'x-consul-lastcontact': '0',
        'x-consul-effective-consistency': 'leader',
      })
      .type('application/json')
      .send(JSON.stringify(value, null, query.pretty ? 4 : 0));
  }
}
