import { Controller, Delete, Inject, Param, Post, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access } from '../access/access.js';
import { noteResult } from '../audit/audited-request.js';
import { deregisterNodeBody, registerNodeBody } from '../commands/bodies.js';
import { CommandLog } from '../commands/command-log.js';
import { CommandRunner, type Ran } from '../commands/command-runner.js';
import { commandOf, type Command } from '../commands/command.js';
import { MAX_WAIT_SECONDS, preferredWait } from '../commands/prefer.js';
import { noteEarlierMessage } from '../http/noted-message.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';
import { API_OPTIONS, type ApiOptions } from '../options.js';
import { nodeIdParameter } from '../parameters.js';
import { FleetReader } from '../read/fleet-reader.js';
import {
  deregistered,
  registered,
  type DeregistrationDocument,
  type RegistrationDocument,
  type StartedDocument,
} from './command-answers.js';
import { jsonBody } from './json-body.js';
import { Answers } from './openapi-decorators.js';
import { deregisterQuery, noQuery } from './queries.js';

const COMMAND_HEADERS = {
  Prefer: `\`wait=N\`: wait for the outcome, at most N seconds (not more than ${MAX_WAIT_SECONDS}); RFC 7240`,
  'Idempotency-Key': '1-255 printable ASCII characters. For 24 hours the same key and request are the same operation',
  'X-Correlation-Id': 'A UUID for everything that follows; the id of the operation where it is left out',
} as const;

const STARTED = { Location: 'Where the operation is asked for' } as const;
const APPLIED = { 'Preference-Applied': 'How long was waited at most, where waiting was asked for' } as const;

/**
 * What an operator does to a node. The command is checked here and decided by the orchestrator: the answer is 202 with the
 * operation to ask for, or, with `Prefer: wait=N`, how it went.
 */
@Controller('v1/nodes')
export class CommandsController {
  constructor(
    @Inject(API_OPTIONS) private readonly options: ApiOptions,
    @Inject(CommandRunner) private readonly runner: CommandRunner,
    @Inject(CommandLog) private readonly commands: CommandLog,
    @Inject(FleetReader) private readonly fleet: FleetReader,
  ) {}

  @Post()
  @Access('operator', { audit: 'node.register' })
  @Answers({
    summary: 'Register a node, or change the record of one',
    description:
      'Without `Prefer: wait=N` the answer is 202 at once. With it: 201 once the node is active (`partial`: one backend is ' +
      'still pending), 200 with `failed` and the reason, or 202 when it was not decided in time.',
    answers: { 200: 'Registration', 201: 'Registration', 202: 'StartedOperation' },
    answerHeaders: { 200: APPLIED, 201: { ...APPLIED, Location: 'The node' }, 202: { ...APPLIED, ...STARTED } },
    body: registerNodeBody,
    headers: COMMAND_HEADERS,
    problems: [400, 409, 413, 415, 422, 503],
  })
  async register(
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<RegistrationDocument | StartedDocument> {
    validated(noQuery, query, 'query');
    const payload = validated(registerNodeBody, jsonBody(request), 'body');
    const command = commandOf({ eventType: 'REGISTER_NODE', payload }, this.origin(request));
    const ran = await this.run(command, request, reply);
    if (ran.outcome.status === 'pending') return started(ran, reply);
    if (ran.outcome.status === 'succeeded') void reply.code(201).header('location', `/v1/nodes/${command.nodeId}`);
    else void reply.code(200);
    return registered(ran);
  }

  @Delete(':nodeId')
  @Access('operator', { audit: 'node.deregister' })
  @Answers({
    summary: 'Deregister a node',
    description:
      'Without `Prefer: wait=N` the answer is 202 at once. With it: 200 once both backends have forgotten the node, 200 with ' +
      '`failed` and the reason, or 202 when it was not decided in time. 200 also where the node is deregistered already. ' +
      'The reason may stand in the query or in the body.',
    answers: { 200: 'Deregistration', 202: 'StartedOperation' },
    answerHeaders: { 200: APPLIED, 202: { ...APPLIED, ...STARTED } },
    path: ['nodeId'],
    query: deregisterQuery,
    body: deregisterNodeBody,
    bodyOptional: true,
    headers: COMMAND_HEADERS,
    problems: [400, 404, 409, 413, 415, 422, 503],
  })
  async deregister(
    @Param('nodeId') id: string,
    @Query() query: unknown,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DeregistrationDocument | StartedDocument> {
    const nodeId = validated(nodeIdParameter, id, 'path', 'nodeId');
    const payload = { nodeId, reason: reasonOf(validated(deregisterQuery, query, 'query').reason, jsonBody(request)) };
    const command = commandOf({ eventType: 'DEREGISTER_NODE', payload }, this.origin(request));
    if (command.idempotencyKey === null || !(await this.commands.knows(command.idempotencyKey))) {
      const node = await this.fleet.node(nodeId);
      if (node === null) throw new Problem('node-not-found', `no node named ${nodeId} is known here`);
      if (node.state === 'deregistered') return { operationId: null, status: 'success', nodeId, state: node.state };
    }
    const ran = await this.run(command, request, reply);
    return ran.outcome.status === 'pending' ? started(ran, reply) : deregistered(ran);
  }

  private origin({ headers }: FastifyRequest) {
    return { registryId: this.options.registryId, headers };
  }

  private async run(command: Command, request: FastifyRequest, reply: FastifyReply): Promise<Ran> {
    const gone = new AbortController();
    reply.raw.once('close', () => gone.abort());
    const ran = await this.runner.run(command, preferredWait(request.headers), gone.signal);
    if (ran.operation.id !== command.id) noteEarlierMessage(request.headers, ran.operation.id);
    noteResult(request, ran.operation.id);
    if (ran.waitedFor > 0) void reply.header('preference-applied', `wait=${ran.waitedFor}`);
    return ran;
  }
}

function started({ operation: { id } }: Ran, reply: FastifyReply): StartedDocument {
  void reply.code(202).header('location', `/v1/operations/${id}`);
  return { operationId: id };
}

/** Of the query or of the body, which may both be missing. */
function reasonOf(inQuery: string | undefined, body: unknown): string | undefined {
  const { reason } = validated(deregisterNodeBody, body ?? {}, 'body');
  if (inQuery === undefined || reason === undefined) return reason ?? inQuery;
  const message = 'must be given once, in the query or in the body';
  throw new Problem('validation', `reason ${message}`, [{ in: 'body', field: 'reason', message }]);
}
