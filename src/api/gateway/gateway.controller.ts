import { Body, Controller, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { encode, errorText, headersOf, MAX_VALUE_BYTES, topicOf, type Message } from '../../messages/index.js';
import { BUS, LOG, type Bus, type Log } from '../../runtime/index.js';
import { Access } from '../access/access.js';
import { traceparent, tracestate, type RequestHeaders } from '../commands/request-headers.js';
import { noteMessage } from '../http/noted-message.js';
import { Problem } from '../http/problem.js';
import { validated } from '../http/validate.js';
import { nodeIdParameter } from '../parameters.js';
import { BatchedPublish } from './batched-publish.js';
import { messageIn, signatureIn } from './envelopes.js';
import { SaidByNode } from './gateway-openapi.js';
import { identityOf } from './node-headers.js';
import { payloadOf, SAYINGS, type SaidType } from './node-says.js';

/** The message is in the log; what comes of it is told by the node's event stream. */
export type Taken = { readonly eventId: string; readonly correlationId: string };

/** What nodes without Kafka say: published as if they had done it themselves. Asks no database. */
@Controller('v1/nodes/:nodeId')
export class GatewayController {
  private readonly log: BatchedPublish;

  constructor(
    @Inject(BUS) bus: Bus,
    @Inject(LOG) private readonly logger: Log,
  ) {
    this.log = new BatchedPublish(bus);
  }

  @Post('introspection')
  @Access('operator', { node: 'own' })
  @HttpCode(202)
  @SaidByNode('introspection', 'A node tells what it is: the start of its registration, a change, or its shutdown')
  introspection(
    @Param('nodeId') id: string,
    @Body() body: unknown,
    @Headers() headers: RequestHeaders,
  ): Promise<Taken> {
    return this.take(SAYINGS.introspection, id, body, headers);
  }

  @Post('ack')
  @Access('operator', { node: 'own' })
  @HttpCode(202)
  @SaidByNode('ack', 'A node that was accepted says that it is ready')
  ack(@Param('nodeId') id: string, @Body() body: unknown, @Headers() headers: RequestHeaders): Promise<Taken> {
    return this.take(SAYINGS.ack, id, body, headers);
  }

  @Post('heartbeat')
  @Access('operator', { node: 'own' })
  @HttpCode(202)
  @SaidByNode('heartbeat', 'An active node says that it is alive')
  heartbeat(@Param('nodeId') id: string, @Body() body: unknown, @Headers() headers: RequestHeaders): Promise<Taken> {
    return this.take(SAYINGS.heartbeat, id, body, headers);
  }

  private async take(eventType: SaidType, id: string, body: unknown, headers: RequestHeaders): Promise<Taken> {
    const nodeId = validated(nodeIdParameter, id, 'path', 'nodeId');
    if (Buffer.isBuffer(body)) return this.passOn(messageIn(eventType, nodeId, body), body, headers);
    const { traceparent: parent, tracestate: state, ...identity } = identityOf(headers);
    const message = {
      ...identity,
      eventType,
      eventTimestamp: new Date().toISOString(),
      sourceNodeId: nodeId,
      payload: payloadOf(eventType, nodeId, body),
    } as Message<SaidType>;
    const value = encode(message);
    if (Buffer.byteLength(value) > MAX_VALUE_BYTES) {
      throw new Problem('payload-too-large', `as a message this has more than ${MAX_VALUE_BYTES} bytes`);
    }
    noteMessage(headers, message);
    const recordHeaders = headersOf(message, parent, state);
    await this.publish({ topic: topicOf(eventType), key: nodeId, value, headers: recordHeaders });
    return { eventId: identity.eventId, correlationId: identity.correlationId };
  }

  /** The node's own envelope, untouched: its signature reaches to whoever decides. */
  private async passOn(message: Message<SaidType>, value: Buffer, headers: RequestHeaders): Promise<Taken> {
    const { eventId, eventType, correlationId, payload } = message;
    const signature = signatureIn(headers);
    noteMessage(headers, message);
    const recordHeaders = { ...headersOf(message, traceparent(headers), tracestate(headers)), ...signature };
    await this.publish({ topic: topicOf(eventType), key: payload.nodeId, value, headers: recordHeaders });
    return { eventId, correlationId };
  }

  private async publish(record: Parameters<BatchedPublish['publish']>[0]): Promise<void> {
    try {
      await this.log.publish(record);
    } catch (error) {
      this.logger.debug({ topic: record.topic, error: errorText(error) }, 'the gateway could not publish a message');
      throw new Problem(
        'log-unavailable',
        'The log does not take messages now. Try again later, with the same x-event-id; /health tells what is missing.',
      );
    }
  }
}
