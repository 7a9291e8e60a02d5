import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Access } from '../access/access.js';
import { Explainer } from '../explain/explainer.js';
import type { Explanation } from '../explain/explanation.js';
import { validated } from '../http/validate.js';
import { Problem } from '../http/problem.js';
import { encodeCursor, positionAsOf, type CursorKind } from '../read/cursor.js';
import { FleetReader } from '../read/fleet-reader.js';
import type { HistoryItem, Node, Page } from '../read/node.js';
import { PastReader } from '../read/past-reader.js';
import { Answers } from './openapi-decorators.js';
import { nodeIdParameter } from '../parameters.js';
import { asOfQuery, historyQuery, listNodesQuery } from './queries.js';

export type PageDocument<T> = { readonly items: readonly T[]; readonly nextCursor: string | null };

/** The fleet as it is now or was at a moment, and how each node came there. */
@Controller('v1/nodes')
export class NodesController {
  constructor(
    @Inject(FleetReader) private readonly fleet: FleetReader,
    @Inject(PastReader) private readonly past: PastReader,
    @Inject(Explainer) private readonly explainer: Explainer,
  ) {}

  @Get()
  @Access('reader')
  @Answers({
    summary: 'Nodes, in the order of their ids',
    description:
      'With `asOf` the fleet as it was then. A cursor of such a list carries the moment, so that all pages are of one; ' +
      'the parameter may be left out with it.',
    answer: 'NodePage',
    query: listNodesQuery,
  })
  async list(@Query() query: unknown): Promise<PageDocument<Node>> {
    const { limit, cursor, asOf = cursor?.asOf ?? null, ...filter } = validated(listNodesQuery, query, 'query');
    if (cursor !== undefined && cursor.asOf !== asOf) throw ofAnotherMoment(cursor.asOf);
    const slice = { limit, after: cursor?.after ?? null };
    if (asOf === null) return paged('nodes', await this.fleet.list(filter, slice));
    const { items, next } = await this.past.list(asOf, filter, slice);
    return paged('nodes-as-of', { items, next: next === null ? null : positionAsOf({ asOf, after: next }) });
  }

  @Get(':nodeId')
  @Access('reader')
  @Answers({ summary: 'One node', answer: 'Node', path: ['nodeId'], query: asOfQuery })
  async one(@Param('nodeId') id: string, @Query() query: unknown): Promise<Node> {
    const nodeId = nodeIdOf(id);
    const { asOf } = validated(asOfQuery, query, 'query');
    const node = await (asOf === undefined ? this.fleet.node(nodeId) : this.past.node(asOf, nodeId));
    return node ?? unknown(nodeId, asOf);
  }

  @Get(':nodeId/explain')
  @Access('reader')
  @Answers({
    summary: 'Why a node is in the state that it is in',
    description: 'The message, the rule and the step that led there, in words, and what comes next.',
    answer: 'Explanation',
    path: ['nodeId'],
    query: asOfQuery,
  })
  async explain(@Param('nodeId') id: string, @Query() query: unknown): Promise<Explanation> {
    const nodeId = nodeIdOf(id);
    const { asOf } = validated(asOfQuery, query, 'query');
    return (await this.explainer.explain(nodeId, asOf ?? null)) ?? unknown(nodeId, asOf);
  }

  @Get(':nodeId/history')
  @Access('reader')
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

function unknown(nodeId: string, asOf?: string): never {
  const when = asOf === undefined ? 'is known here' : `was known here at ${asOf}`;
  throw new Problem('node-not-found', `no node named ${nodeId} ${when}`);
}

function ofAnotherMoment(asOf: string | null): Problem {
  const message = `is of the list ${asOf === null ? 'as it is now, without asOf' : `as of ${asOf}`}`;
  return new Problem('validation', 'cursor (query) is not valid', [{ in: 'query', field: 'cursor', message }]);
}

function paged<T>(kind: CursorKind, { items, next }: Page<T, string>): PageDocument<T> {
  return { items, nextCursor: next === null ? null : encodeCursor(kind, next) };
}
