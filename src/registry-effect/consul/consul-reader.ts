import { timeout, TimeoutStrategy } from 'cockatiel';
import { Pool } from 'undici';
import { connector } from './connector.js';
import { consulUrl, tokenHeader, type ConsulConnection } from './consul-options.js';
import { ConsulRefusal } from './consul-errors.js';

/** An answer with the index of Consul's tables that it was made from. */
export type Reading<T> = { readonly index: string; readonly body: T };

export type ConsulReader = {
  /** `GET`, as the leader has it now. Rejects with {@link ConsulRefusal}, or what the network did. */
  read<T>(path: string, query?: Readonly<Record<string, string>>): Promise<Reading<T>>;
  close(): Promise<void>;
};

/** An audit reads page by page; its requests are not to crowd out the writing. */
const CONNECTIONS = 2;
/** A page of a hundred thousand nodes has less than half a megabyte. */
const MAX_ANSWER_BYTES = 64 * 1024 * 1024;

export function createConsulReader({
  requestTimeoutMs,
  ...consul
}: ConsulConnection & { readonly requestTimeoutMs: number }): ConsulReader {
  const pool = new Pool(consulUrl(consul.address).origin, {
    connections: CONNECTIONS,
    keepAliveTimeout: 30_000,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: connector(consul.tls, requestTimeoutMs),
  });
  const limit = timeout(requestTimeoutMs, { strategy: TimeoutStrategy.Aggressive, abortOnReturn: false });

  return {
    async read<T>(path: string, query: Readonly<Record<string, string>> = {}) {
      const { statusCode, index, text } = await limit.execute(async ({ signal }) => {
        const answer = await pool.request({
          path,
          method: 'GET',
          query: { consistent: 'true', ...query },
          headers: tokenHeader(consul),
          signal,
        });
        const { statusCode, body } = answer;
        return { statusCode, index: String(answer.headers['x-consul-index']), text: await textOf(body, path) };
      });
      if (statusCode !== 200) throw new ConsulRefusal(statusCode, text);
      return { index, body: JSON.parse(text) as T };
    },
    close: () => pool.close(),
  };
}

async function textOf(body: AsyncIterable<Buffer>, path: string): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) {
      throw new Error(
        `Consul’s answer to ${path} is longer than ${MAX_ANSWER_BYTES} bytes: nothing of ours is that large`,
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}
