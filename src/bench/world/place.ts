import pg from 'pg';
import { Kafka, logLevel } from 'kafkajs';
import type { Place, Servers } from '../scenario.js';
import { removeSyntheticNodes } from './synthetic-nodes.js';

/** A place of its own on the servers: an empty database, and names that nobody else uses. */
export async function makePlace({ databaseUrl }: Servers, name: string): Promise<Place> {
  const database = databaseNameOf(name);
  await administer(databaseUrl, `CREATE DATABASE ${database} TEMPLATE template0`);
  const url = new URL(databaseUrl);
  url.pathname = `/${database}`;
  return { topicPrefix: name, groupPrefix: name, registryId: name, databaseUrl: url.href };
}

/** Removes all that may have been made there. Whoever worked there has to have ended. */
export async function removePlace(
  servers: Servers,
  { topicPrefix, groupPrefix, registryId, databaseUrl }: Place,
): Promise<void> {
  const database = new URL(databaseUrl).pathname.slice(1);
  await Promise.all([
    wipeKafka(servers.brokers, topicPrefix, groupPrefix),
    removeSyntheticNodes(servers.consulUrl, registryId),
    administer(servers.databaseUrl, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`),
  ]);
}

async function wipeKafka(brokers: readonly string[], topicPrefix: string, groupPrefix: string): Promise<void> {
  const admin = new Kafka({ clientId: 'rollcall-bench', brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`${topicPrefix}.`));
    const { groups } = await admin.listGroups();
    const ours = groups.map(({ groupId }) => groupId).filter((id) => id.startsWith(`${groupPrefix}.`));
    if (ours.length > 0) await admin.deleteGroups(ours);
    if (topics.length > 0) await admin.deleteTopics({ topics });
  } finally {
    await admin.disconnect();
  }
}

function databaseNameOf(name: string): string {
  return name.replaceAll(/[^a-z0-9]/g, '_');
}

async function administer(databaseUrl: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
