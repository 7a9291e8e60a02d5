import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { post } from './api.js';
import { NodeStream, type Told } from './node-stream.js';

const DESCRIPTION = {
  nodeType: 'effect',
  nodeVersion: '1.0.0',
  capabilities: { work: true },
  endpoints: { api: 'http://10.0.0.1:8080' },
  metadata: { rack: 'r1' },
};

/** A node that has nothing but HTTP: listens to its stream from before its first word. */
export class HttpNode {
  private correlationId = '';
  private beating: Promise<void> | undefined;
  private hushed = new AbortController();

  private constructor(
    private readonly url: string,
    readonly nodeId: string,
    readonly stream: NodeStream,
  ) {}

  static async open(url: string, nodeId: string): Promise<HttpNode> {
    return new HttpNode(url, nodeId, await NodeStream.open(url, nodeId));
  }

  /** Begins a workflow with a startup, goes on in it with any other reason. */
  async introspect(changes: Readonly<Record<string, unknown>> = {}): Promise<void> {
    const body = { ...DESCRIPTION, reason: 'startup', ...changes };
    if (body.reason === 'startup') this.correlationId = randomUUID();
    await this.say('introspection', body);
  }

  /** Answers the *accepted* number `accepts`, and is active for the time number `count`. */
  async activate(accepts = 1, count = accepts): Promise<Told> {
    const accepted = await this.stream.until('NODE_REGISTRATION_ACCEPTED', accepts);
    await this.say('ack', { attemptId: accepted.envelope.payload['attempt_id'] }, accepted.envelope.event_id);
    return this.stream.until('NODE_BECAME_ACTIVE', count);
  }

  /** Sends a heartbeat, and then another one `everyMs` after each, until {@link hush}. */
  beat(everyMs: number): void {
    this.hushed = new AbortController();
    this.beating = this.beatOn(everyMs, this.hushed.signal);
    // It fails where it is waited for.
    this.beating.catch(() => undefined);
  }

  /** Sends no heartbeat any more; rejects when one was refused. */
  async hush(): Promise<void> {
    this.hushed.abort();
    await this.beating;
  }

  heartbeat(): Promise<void> {
    return this.say('heartbeat', { uptimeSeconds: 1 });
  }

  private async beatOn(everyMs: number, hushed: AbortSignal): Promise<void> {
    while (!hushed.aborted) {
      await this.heartbeat();
      await sleep(everyMs, undefined, { signal: hushed }).catch(() => undefined);
    }
  }

  private async say(place: string, body: object, causationId?: string): Promise<void> {
    const headers = {
      'x-correlation-id': this.correlationId,
      ...(causationId === undefined ? {} : { 'x-causation-id': causationId }),
    };
    const answer = await post(`${this.url}/v1/nodes/${this.nodeId}/${place}`, body, headers);
    if (answer.status !== 202)
      throw new Error(`${place} is answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
  }
}
