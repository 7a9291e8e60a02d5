import { Controller, Get, HttpCode, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { BACKENDS } from '../../messages/index.js';
import { Access } from '../access/access.js';
import { noteResult } from '../audit/audited-request.js';
import { MAX_WAIT_SECONDS, preferredWait } from '../commands/prefer.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';
import { idParameter, nodeIdParameter } from '../parameters.js';
import { encodeCursor } from '../read/cursor.js';
import type { DriftItem } from '../read/drift-findings.js';
import { DriftReader } from '../read/drift-reader.js';
import type { DriftRepair } from '../read/drift-repairs.js';
import type { BackendDrift } from '../read/drift-status.js';
import { jsonBody } from '../rest/json-body.js';
import { Answers } from '../rest/openapi-decorators.js';
import { listDriftQuery, noQuery } from '../rest/queries.js';
import { RepairRequests } from './repair-requests.js';

const REPAIRED = ['missing', 'altered', 'ghost'] as const;
const WHETHER = 'must be true or false';

const repairBody = z.strictObject({
  backend: z
    .enum(BACKENDS, { error: `must be one of ${BACKENDS.join(', ')}` })
    .nullable()
    .default(null)
    .describe('Only this backend'),
  nodeId: nodeIdParameter.describe('Only entries of this node').nullable().default(null),
  drift: z
    .enum(REPAIRED, { error: `must be one of ${REPAIRED.join(', ')}` })
    .nullable()
    .default(null)
    .describe('Only drift of this kind'),
  dryRun: z.boolean({ error: WHETHER }).default(false).describe('Look and judge, and ask for nothing'),
  force: z.boolean({ error: WHETHER }).default(false).describe('Also what is held until an operator decides'),
});

type DriftDocument = {
  readonly backends: readonly BackendDrift[];
  readonly items: readonly DriftItem[];
  readonly nextCursor: string | null;
};

/** Whether Consul and PostgreSQL hold what the registry wants them to hold, and what is done where they do not. */
@Controller('v1/drift')
export class DriftController {
  constructor(
    @Inject(DriftReader) private readonly drift: DriftReader,
    @Inject(RepairRequests) private readonly requests: RepairRequests,
  ) {}

  @Get()
  @Access('reader')
  @Answers({
    summary: 'What the last audit of each backend found',
    description: 'Entries by backend, node and name. Foreign ones are listed and never touched.',
    answer: 'Drift',
    query: listDriftQuery,
  })
  async read(@Query() query: unknown): Promise<DriftDocument> {
    const { limit, cursor, ...filter } = validated(listDriftQuery, query, 'query');
    const backends = await this.drift.status();
    const { items, next } = await this.drift.findings(filter, { limit, after: cursor ?? null });
    return { backends, items, nextCursor: next === null ? null : encodeCursor('drift', next) };
  }

  @Post('repair')
  @Access('operator', { audit: 'drift.repair' })
  @HttpCode(202)
  @Answers({
    summary: 'Audit at once, and repair what differs',
    description:
      'The leading process looks at the backends, whatever has changed, and has the reducer ask for what is not as desired. ' +
      'Nothing is repaired from an incomplete view, by force either. Without `Prefer: wait=N` the answer is 202 at once; with ' +
      'it 200 once it is done, or 202 when it was not in time. Asked twice does no harm.',
    answers: { 200: 'DriftRepair', 202: 'DriftRepair' },
    answerHeaders: { 200: { Location: 'The repair' }, 202: { Location: 'The repair' } },
    body: repairBody,
    bodyOptional: true,
    headers: {
      Prefer: `\`wait=N\`: wait for the outcome, at most N seconds (not more than ${MAX_WAIT_SECONDS}); RFC 7240`,
    },
    problems: [400, 415, 503],
  })
  async repair(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DriftRepair> {
    validated(noQuery, query, 'query');
    const wanted = validated(repairBody, jsonBody(request) ?? {}, 'body');
    const seconds = preferredWait(request.headers);
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const asked = await this.requests.ask(wanted);
    noteResult(request, asked.id);
    const repair = await this.requests.settled(asked, seconds, gone.signal);
    void reply.header('location', `/v1/drift/repairs/${repair.id}`);
    if (seconds > 0) void reply.header('preference-applied', `wait=${seconds}`);
    void reply.code(repair.status === 'done' ? 200 : 202);
    return repair;
  }

  @Get('repairs/:id')
  @Access('reader')
  @Answers({
    summary: 'How a repair went that an operator asked for',
    description: 'Kept for 7 days.',
    answer: 'DriftRepair',
    path: ['id'],
  })
  async one(@Param('id') id: string, @Query() query: unknown): Promise<DriftRepair> {
    const repairId = validated(idParameter, id, 'path', 'id');
    validated(noQuery, query, 'query');
    const repair = await this.drift.repair(repairId);
    if (repair === null) throw new Problem('drift-repair-not-found', `no repair ${repairId} is known here`);
    return repair;
  }
}
