/** Prints the OpenAPI document on standard output; needs no server. What it prints is committed as openapi.json. */
import 'reflect-metadata';
import { readFile } from 'node:fs/promises';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { HealthController } from '../health/health.controller.js';
import { createHttpAdapter } from '../http/adapter.js';
import { HealthRegistry, STATE_DATABASE } from '../../runtime/index.js';
import { FleetReader } from '../read/fleet-reader.js';
import { NodesController } from './nodes.controller.js';
import { openApiDocument } from './openapi.js';

/** The described controllers; nothing here is ever called. */
@Module({
  controllers: [NodesController, HealthController],
  providers: [FleetReader, HealthRegistry, { provide: STATE_DATABASE, useValue: null }],
})
class Described {}

const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
const app = await NestFactory.create(Described, createHttpAdapter(), { logger: false });
process.stdout.write(`${JSON.stringify(openApiDocument(app, version), null, 2)}\n`);
await app.close();
