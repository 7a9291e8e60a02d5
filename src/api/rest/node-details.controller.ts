import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Access } from '../access/access.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';
import { nodeIdParameter } from '../parameters.js';
import { encodeCursor } from '../read/cursor.js';
import type { NodeBackends } from '../read/node-backends.js';
import { NodeDetailReader } from '../read/node-detail-reader.js';
import type { NodeStep } from '../read/node-steps.js';
import type { PageDocument } from './nodes.controller.js';
import { Answers } from './openapi-decorators.js';
import { noQuery, nodeStepsQuery } from './queries.js';

/** One node, looked at closely. */
@Controller('v1/nodes')
export class NodeDetailsController {
  constructor(@Inject(NodeDetailReader) private readonly reader: NodeDetailReader) {}

  @Get(':nodeId/steps')
  @Access('reader')
  @Answers({
    summary: 'Steps of both machines, with what each took and published; the newest first',
    description:
      'The history of a node with the messages themselves: the steps of the orchestrator, and those of the reducer, whose ' +
      'outputs are what was asked of each backend. The cause of a step is an output of another, or came from outside.',
    answer: 'NodeStepPage',
    path: ['nodeId'],
    query: nodeStepsQuery,
  })
  async steps(@Param('nodeId') id: string, @Query() query: unknown): Promise<PageDocument<NodeStep>> {
    const nodeId = nodeIdOf(id);
    const { limit, cursor } = validated(nodeStepsQuery, query, 'query');
    const { items, next } = (await this.reader.steps(nodeId, { limit, before: cursor ?? null })) ?? unknown(nodeId);
    return { items, nextCursor: next === null ? null : encodeCursor('steps', next) };
  }

  @Get(':nodeId/backends')
  @Access('reader')
  @Answers({
    summary: 'What Consul and PostgreSQL are to hold of a node, and what each has confirmed',
    description: 'By what they said themselves. Whether they still hold it is for the audit to find: see /v1/drift.',
    answer: 'NodeBackends',
    path: ['nodeId'],
  })
  async backends(@Param('nodeId') id: string, @Query() query: unknown): Promise<NodeBackends> {
    const nodeId = nodeIdOf(id);
    validated(noQuery, query, 'query');
    return (await this.reader.backends(nodeId)) ?? unknown(nodeId);
  }
}

function nodeIdOf(id: string): string {
  return validated(nodeIdParameter, id, 'path', 'nodeId');
}

function unknown(nodeId: string): never {
  throw new Problem('node-not-found', `no node named ${nodeId} is known here`);
}
