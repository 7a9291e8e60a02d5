import { z } from 'zod';
import { count, jsonObject, NODE_TYPES, nodeId } from './fields.js';

const described = {
  node_version: z.string().describe('A semantic version'),
  capabilities: jsonObject.describe('As the node said; a list of tags has become an object with `true` for each'),
  capability_tags: z
    .array(z.string())
    .describe('What nodes are found by: capabilities that are neither false nor null, and what `operations` lists'),
  endpoints: z.record(z.string(), z.string()).describe('URLs by name'),
  metadata: jsonObject.describe('As the node said'),
  health_endpoint: z.string().nullable().describe('Where the health of the node is told'),
  incarnation: count
    .nullable()
    .describe('Grows each time the process of the node starts; null where it never said one'),
};

/** What both backends hold of a node. */
export const registrationRecord = z.object({
  node_id: nodeId.describe('Id of the node'),
  node_type: z.enum(NODE_TYPES).describe('What kind of node it is'),
  ...described,
});

/** As the orchestrator hands it on: the reducer validates id and type itself, and reports what is wrong as a result. */
export const proposedRecord = z.object({
  node_id: z.string().describe('Id of the node'),
  node_type: z.string().describe('What kind of node it says it is'),
  ...described,
});
