import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { Access } from '../access/access.js';
import { OperationReader } from '../commands/operation-reader.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';
import { idParameter } from '../parameters.js';
import { operationDocument, type OperationDocument } from './command-answers.js';
import { Answers } from './openapi-decorators.js';
import { noQuery } from './queries.js';

/** What became of the commands that came by this API. */
@Controller('v1/operations')
export class OperationsController {
  constructor(@Inject(OperationReader) private readonly operations: OperationReader) {}

  @Get(':id')
  @Access('reader')
  @Answers({
    summary: 'How a command went',
    description:
      'A registration has succeeded when the node is active with it, a deregistration when both backends have forgotten the ' +
      'node, and what changes nothing at once. Kept for 7 days.',
    answer: 'Operation',
    path: ['id'],
  })
  async one(@Param('id') id: string, @Query() query: unknown): Promise<OperationDocument> {
    const operationId = validated(idParameter, id, 'path', 'id');
    validated(noQuery, query, 'query');
    const found = await this.operations.find(operationId);
    if (found === null) throw new Problem('operation-not-found', `no operation ${operationId} is known here`);
    return operationDocument(found.operation, found.outcome);
  }
}
