/** Prints the AsyncAPI document on standard output. What it prints is committed as asyncapi.json. */
import { readFile } from 'node:fs/promises';
import { asyncApiDocument } from './document.js';

const { version } = JSON.parse(await readFile(new URL('../../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};
process.stdout.write(`${JSON.stringify(asyncApiDocument({ version, topicPrefix: 'dev.onex' }), null, 2)}\n`);
