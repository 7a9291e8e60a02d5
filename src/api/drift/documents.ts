import { z } from 'zod';
import { BACKENDS } from '../../messages/index.js';
import { HELD_REASONS } from '../../runtime/index.js';

/** The JSON of drift; a part of `DOCUMENTS`. */
const time = z.iso.datetime().describe('RFC 3339, UTC');
const backend = z.enum(BACKENDS);
const DRIFTS = ['missing', 'altered', 'ghost', 'foreign'] as const;

const heldEntries = z.strictObject({
  reason: z.enum(HELD_REASONS),
  entries: z.int(),
  decidedBy: z
    .enum(['waits', 'operator', 'nobody'])
    .describe('`waits`: passes by itself. `operator`: see `text`. `nobody`: there is nothing to repair it with'),
  text: z.string(),
});
const held = z.array(heldEntries);
const cutOff = z.string().nullable().describe('Why the audit did not come to its end');

const backendDrift = z.strictObject({
  backend,
  status: z
    .enum(['clean', 'drifting', 'held', 'incomplete'])
    .describe(
      '`clean`: nothing of ours differs. `held`: an operator has to decide. `incomplete`: the audit was cut off',
    ),
  auditId: z.guid(),
  startedAt: time,
  finishedAt: time,
  compared: z.int().describe('Desired nodes that were compared'),
  entries: z.int().describe('Entries that the backend holds'),
  unsettled: z.int().describe('Nodes whose intent is on its way, or was refused: not judged'),
  skippedBuckets: z.int().describe('Of 256 buckets those in which nothing had changed since they were compared'),
  counts: z.strictObject({ missing: z.int(), altered: z.int(), ghost: z.int(), foreign: z.int() }),
  cutOff,
  held: held.describe('What of it is not repaired, and why'),
  heldSince: time.nullable(),
  repairs: z.int().describe('Repairs that the audit asked the reducer for'),
});

const finding = z.strictObject({
  backend,
  nodeId: z.string().describe('For an entry of no known node what it says itself, else the name of the entry'),
  drift: z
    .enum(DRIFTS)
    .describe('`ghost`: ours, and nothing of the kind is desired. `foreign`: not ours, never touched'),
  revision: z.int().nullable().describe('Desired revision; null where nothing was ever desired of the node'),
  foundRevision: z.int().nullable().describe('Revision that the entry says it has'),
  differences: z.array(z.string()).describe('Fields that differ, by the names that the backend has for them'),
  entry: z
    .strictObject({ consulNode: z.string(), serviceId: z.string(), serviceName: z.string() })
    .nullable()
    .describe("The entry itself where it is not the node's own one; Consul only"),
  firstSeenAt: time,
  lastSeenAt: time,
});

const repair = z.strictObject({
  id: z.guid(),
  status: z.enum(['pending', 'running', 'done']),
  backend: backend.nullable().describe('Null: both'),
  nodeId: z.string().nullable().describe('Null: every node'),
  drift: z.enum(['missing', 'altered', 'ghost']).nullable().describe('Null: each'),
  dryRun: z.boolean(),
  force: z.boolean(),
  requestedAt: time,
  finishedAt: time.nullable(),
  outcome: z
    .array(
      z.strictObject({
        backend,
        compared: z.int(),
        matching: z.int().describe('Findings that the request is about'),
        repairs: z.int().describe('Repairs asked for; in a dry run those that would have been'),
        held,
        cutOff,
      }),
    )
    .describe('What it came to at each backend; empty until it is done'),
});

export const DRIFT_PARTS = { BackendDrift: backendDrift, DriftFinding: finding, DriftHeld: heldEntries } as const;

export const DRIFT_DOCUMENTS = {
  Drift: z.strictObject({
    backends: z.array(backendDrift).describe('The last audit of each; empty before the first'),
    items: z.array(finding).describe('What the last audits found: at most the first 10000 entries of each backend'),
    nextCursor: z.string().nullable().describe('Pass it as `cursor` to get the next page; null at the end'),
  }),
  DriftRepair: repair,
} as const;
