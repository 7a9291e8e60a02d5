import 'reflect-metadata';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { LoggerService } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { configureHttp, createHttpAdapter } from './api/index.js';
import { AppModule } from './app.module.js';
import { ConfigError, describeConfig, describeVariables, loadConfig, type Config } from './config.js';
import { errorText } from './messages/index.js';
import { ContractError, createLog, type Log, Runtime, TRACING, type Tracing } from './runtime/index.js';
import { migrateOnly } from './migrate-only.js';
import { joinOwnFleet } from './self-registration/join-own-fleet.js';
import type { SelfOptions } from './self-registration/self-description.js';

/** A stop that takes longer than this leaves the rest to redelivery. Milliseconds. */
const STOP_WITHIN_MS = 10_000;

async function main(): Promise<void> {
  if (process.argv.includes('--help')) {
    process.stdout.write(
      `Rollcall, a registry for fleets of nodes.\n\nUsage: npm start, or node dist/main.js; configured by its environment:\n\n${describeVariables()}\n`,
    );
    return;
  }
  const config = loadConfig();
  const log = createLog(config.logLevel);
  const version = packageVersion();
  const consoleDirectory = fileURLToPath(new URL('./console', import.meta.url));
  log.info({ version, ...describeConfig(config) }, 'starting');
  for (const warning of config.warnings) log.warn(warning);
  if (config.migrate.mode === 'only') return migrateOnly(config, log);
  // Until it listens there is nothing to finish.
  let stop: (code: number) => void = (code) => process.exit(code);
  const onFatal = (error: unknown): void => {
    log.fatal(errorText(error, 4000));
    process.stderr.write(`Rollcall has to stop: ${errorText(error, 4000)}\n`);
    stop(1);
  };
  const app = await NestFactory.create<NestFastifyApplication>(
    AppModule.register({ config, log, version, consoleDirectory, onFatal }),
    createHttpAdapter(config.access.trustedProxies),
    { logger: nestLogger(log), abortOnError: false },
  );
  const hasApi = config.roles.includes('api');
  configureHttp(app, { version, docs: hasApi, consoleDirectory, tracing: app.get<Tracing | null>(TRACING) });
  await app.init();
  app.connectMicroservice({ strategy: app.get(Runtime).boot() });
  // First: who finds the port taken should not have joined anything.
  await listen(app, config);
  let leave: () => Promise<unknown> = () => Promise.resolve();
  stop = stopper(app, log, () => leave());
  process.once('SIGTERM', () => stop(0));
  process.once('SIGINT', () => stop(0));
  await app.startAllMicroservices();
  app.get(Runtime).start();
  const url = await app.getUrl();
  if (config.selfRegistration !== null) {
    const self = selfOptions(config, config.selfRegistration, url, version);
    // One that is stopped before it has its key has not joined anything.
    const key = app.get(Runtime).ownKey();
    const joined = key.then(
      (own) => {
        const membership = joinOwnFleet(self, log, own);
        leave = () => membership.leave();
      },
      () => undefined,
    );
    joined.catch(onFatal);
  }
  log.info(
    {
      ...(hasApi
        ? { console: `${url}/console`, api: `${url}/v1/nodes`, docs: `${url}/docs`, graphql: `${url}/graphql` }
        : {}),
      health: `${url}/health`,
    },
    `Rollcall listens on ${url}`,
  );
}

async function listen(app: NestFastifyApplication, { http: { host, port } }: Config): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') {
      throw new ConfigError([`PORT=${port}: another program listens on ${host}:${port}; set PORT to a free one`]);
    }
    throw error;
  }
}

function selfOptions(
  { kafka: { brokers, topicPrefix }, registryId, roles, http }: Config,
  { advertisedUrl }: NonNullable<Config['selfRegistration']>,
  ownUrl: string,
  version: string,
): SelfOptions {
  const kafka = brokers === null ? null : { brokers, topicPrefix };
  return { registryId, kafka, ownUrl, listensOn: http.host, advertisedUrl, hostname: hostname(), version, roles };
}

/**
 * Stops once: it leaves its own fleet, while it can still be heard; fetching ends, the batches in hand are finished and committed, then
 * connections are closed.
 */
function stopper(app: NestFastifyApplication, log: Log, leave: () => Promise<unknown>): (code: number) => void {
  let stopping = false;
  return (code) => {
    if (stopping) return;
    stopping = true;
    log.info('stopping');
    const late = setTimeout(() => {
      log.error(`not stopped within ${STOP_WITHIN_MS} ms; what was in hand will be delivered again`);
      process.exit(1);
    }, STOP_WITHIN_MS);
    const closed = leave().then(() => app.close());
    void closed.then(
      () => {
        clearTimeout(late);
        log.info('stopped');
        process.exit(code);
      },
      (error: unknown) => {
        log.error({ error: errorText(error) }, 'the stop failed');
        process.exit(1);
      },
    );
  };
}

function nestLogger(log: Log): LoggerService {
  const write =
    (level: 'debug' | 'warn' | 'error') =>
    (message: unknown, ...rest: unknown[]): void => {
      log[level]({ nest: rest.at(-1) }, errorText(message));
    };
  return { log: write('debug'), warn: write('warn'), error: write('error') };
}

function packageVersion(): string {
  const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}

main().catch((error: unknown) => {
  const expected = error instanceof ConfigError || error instanceof ContractError;
  process.stderr.write(`${expected ? error.message : errorText(error, 4000)}\n`);
  process.exit(1);
});
