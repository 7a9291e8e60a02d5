/**
 * A journal as a file: JSON lines, gzipped when the name ends in .gz. The first line says who wrote it, the last how much there
 * is, and each one between is the history of one node in one machine.
 */
import { z } from 'zod';

export const FORMAT_VERSION = 1;

const text = z.string();

export const headerSchema = z.object({
  rollcallJournal: z.literal(FORMAT_VERSION),
  /** Version of the product that wrote the file. */
  rollcall: text,
  /** Of the registry whose journal it is: messages name it as their source, so a replay needs it. */
  registryId: text,
  /** By component, at the time of writing; each entry names the version that it was decided by. */
  contractVersions: z.record(text, text),
});

export type JournalHeader = z.output<typeof headerSchema>;

export const historySchema = z.object({
  machine: text,
  nodeId: text,
  stored: z.object({ version: z.number().int(), state: text }),
  entries: z.array(
    z.object({
      nodeId: text,
      eventId: text,
      version: z.number().int(),
      eventType: text,
      input: text,
      context: text.nullable(),
      rule: text,
      fromStatus: text,
      path: text,
      toStatus: text,
      stateAfter: text.nullable(),
      outputs: text,
      correlationId: text,
      causationId: text.nullable(),
      occurredAt: text,
      contractVersion: text,
    }),
  ),
});

/** What the file holds, and proof that it is whole. */
export const endSchema = z.object({ end: z.object({ states: z.number().int(), entries: z.number().int() }) });

export type Extent = z.output<typeof endSchema>['end'];

export function isGzipped(path: string): boolean {
  return path.endsWith('.gz');
}
