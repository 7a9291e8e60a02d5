import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { validated } from '../http/validate.js';
import { Problem } from '../http/problem.js';
import { encodeCursor, type CursorKind } from '../read/cursor.js';
import { FleetReader } from '../read/fleet-reader.js';
import type { HistoryItem, Node, Page } from '../read/node.js';
import { Answers } from './openapi-decorators.js';
import { nodeIdParameter } from '../parameters.js';
import { historyQuery, listNodesQuery, noQuery } from './queries.js';

export type PageDocument<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };

/** The fleet as it is now, and how each node came there. */
@Controller('v1/nodes')
export class NodesController {
  constructor(@Inject(FleetReader) private readonly fleet: FleetReader) {}

  @Get()
  @Answers({ summary: 'Nodes, in the order of their ids', answer: 'NodePage', query: listNodesQuery })
  async list(@Query() query: unknown): Promise<PageDocument<Node>> {
    const { limit, cursor, ...filter } = validated(listNodesQuery, query, 'query');
    return paged('nodes', await this.fleet.list(filter, { limit, after: cursor ?? null }));
  }

  @Get(':nodeId')
  @Answers({ summary: 'One node', answer: 'Node', path: ['nodeId'] })
  async one(@Param('nodeId') id: string, @Query() query: unknown): Promise<Node> {
    const nodeId = nodeIdOf(id);
    validated(noQuery, query, 'query');
    return (await this.fleet.node(nodeId)) ?? unknown(nodeId);
  }

  @Get(':nodeId/history')
  @Answers({
    summary: "Steps of a node's workflow, the oldest first",
    answer: 'HistoryPage',
    path: ['nodeId'],
    query: historyQuery,
  })
  async history(@Param('nodeId') id: string, @Query() query: unknown): Promise<PageDocument<HistoryItem>> {
    const nodeId = nodeIdOf(id);
    const { limit, cursor } = validated(historyQuery, query, 'query');
    return paged('history', (await this.fleet.history(nodeId, { limit, after: cursor ?? null })) ?? unknown(nodeId));
  }
}

function nodeIdOf(id: string): string {
  return validated(nodeIdParameter, id, 'path', 'nodeId');
}

function unknown(nodeId: string): never {
  throw new Problem('node-not-found', `no node named ${nodeId} is known here`);
}

function paged<T>(kind: CursorKind, { items, next }: Page<T, string>): PageDocument<T> {
  return { items, nextCursor: next === null ? null : encodeCursor(kind, next) };
}
