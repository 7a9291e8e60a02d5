import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest } from 'fastify';

export const CONSOLE_PATH = '/console';

/**
 * What the page may do: its own scripts and styles, and requests to the api that it came from. Nothing inline, nothing from
 * elsewhere, no frame around it, and no text becomes markup.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const PAGE_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-cache',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const ASSETS = 'assets';
const YEAR_SECONDS = 365 * 24 * 3600;

/** Whether the console was built: in `directory`, by `npm run build`. */
export function hasConsole(directory: string | null | undefined): directory is string {
  return directory !== null && directory !== undefined && existsSync(join(directory, 'index.html'));
}

/**
 * The console under {@link CONSOLE_PATH}: every path of it is the one page, which finds its way by the URL; assets have their hash
 * in their name and never change. Before `init` or `listen`.
 */
export function serveConsole(app: NestFastifyApplication, directory: string): void {
  const fastify = app.getHttpAdapter().getInstance();
  const page = readFileSync(join(directory, 'index.html'));
  const answer = (_request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply.headers(PAGE_HEADERS).send(page);
  fastify.get(CONSOLE_PATH, answer);
  fastify.get(`${CONSOLE_PATH}/*`, answer);
  void fastify.register(fastifyStatic, {
    root: join(directory, ASSETS),
    prefix: `${CONSOLE_PATH}/${ASSETS}/`,
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: YEAR_SECONDS * 1000,
    setHeaders: (reply) => {
      void reply.setHeader('x-content-type-options', 'nosniff');
    },
  });
}
