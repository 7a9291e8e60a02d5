import { z } from 'zod';
import { count, jsonObject, NODE_TYPES, nodeId } from './fields.js';

const described = {
  node_version: z.string(),
  capabilities: jsonObject,
  capability_tags: z.array(z.string()),
  endpoints: z.record(z.string(), z.string()),
  metadata: jsonObject,
  health_endpoint: z.string().nullable(),
  incarnation: count.nullable(),
};

/** What both backends hold of a node. */
export const registrationRecord = z.object({ node_id: nodeId, node_type: z.enum(NODE_TYPES), ...described });

/** As the orchestrator hands it on: the reducer validates id and type itself, and reports what is wrong as a result. */
export const proposedRecord = z.object({ node_id: z.string(), node_type: z.string(), ...described });
