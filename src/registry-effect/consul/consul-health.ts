import { Agent } from 'node:https';
import Consul from 'consul';
import { errorText } from '../../messages/index.js';
import type { ErrorCode } from '../resilience/error-codes.js';
import { classifyConsulError } from './classify-consul-error.js';
import { consulUrl, tokenOf, type ConsulConnection } from './consul-options.js';

/** `version` is null where the token may not read the agent. Times in milliseconds. */
export type ConsulHealth =
  | { readonly ok: true; readonly leader: string; readonly version: string | null; readonly latencyMs: number }
  | { readonly ok: false; readonly code: ErrorCode; readonly message: string; readonly latencyMs: number };

/** Asks whether Consul answers and has a leader, without which it takes no writes. Never rejects; the message is redacted. */
export async function consulHealth({
  timeoutMs = 3_000,
  ...connection
}: ConsulConnection & { readonly timeoutMs?: number }): Promise<ConsulHealth> {
  const url = consulUrl(connection.address);
  const token = tokenOf(connection);
  const secure = url.protocol === 'https:';
  const consul = new Consul({
    host: url.hostname,
    port: Number(url.port || (secure ? 443 : 80)),
    secure,
    ...(secure && connection.tls !== undefined && { agent: new Agent({ keepAlive: true, ...connection.tls() }) }),
    ...(token === undefined ? {} : { defaults: { token } }),
  });
  // Missing in the package's types, but read by all of its calls.
  const limit: object = { timeout: timeoutMs };
  const startedAt = performance.now();
  const latencyMs = (): number => Math.round((performance.now() - startedAt) * 10) / 10;
  try {
    const [leader, version] = await Promise.all([consul.status.leader(limit), agentVersion(consul, limit)]);
    // Empty while there is none; anything but text comes from somebody who is no Consul.
    if (typeof leader === 'string' && leader !== '') return { ok: true, leader, version, latencyMs: latencyMs() };
    return { ok: false, code: 'CONSUL_CONNECTION_ERROR', message: 'Consul has no leader', latencyMs: latencyMs() };
  } catch (error) {
    return { ok: false, code: classifyConsulError(error), message: errorText(error), latencyMs: latencyMs() };
  } finally {
    consul.destroy();
  }
}

/**
 * For show only: what is wrong with Consul, the question for the leader tells. But for a token that Consul does not know: that question
 * needs none, and nobody would hear of it before the first write.
 */
async function agentVersion(consul: Consul, limit: object): Promise<string | null> {
  try {
    const self: unknown = await consul.agent.self(limit);
    const { Config } = self as { Config?: { Version?: unknown } };
    return typeof Config?.Version === 'string' ? Config.Version : null;
  } catch (error) {
    if (/ACL not found/i.test(errorText(error))) throw error;
    return null;
  }
}
