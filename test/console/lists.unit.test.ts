import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import { BACKENDS, DRIFTS } from '../../src/console/api/drift-model.js';
import { NODE_STATES, NODE_TYPES } from '../../src/console/api/fleet-model.js';
import { CAUSES } from '../../src/console/api/letter-model.js';

const { components, paths } = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8'));
const { DeadLetter, DriftFinding, NodeState } = components.schemas;
const { schema: asked } = paths['/v1/nodes'].post.requestBody.content['application/json'];

// A type of the API keeps out what is no word of it; that none is missing, only its lists can say.
it.each([
  ['states', NODE_STATES, NodeState.enum],
  ['types', NODE_TYPES, asked.properties.nodeType.enum],
  ['causes', CAUSES, DeadLetter.properties.cause.enum],
  ['backends', BACKENDS, DriftFinding.properties.backend.enum],
  ['kinds of drift', DRIFTS, DriftFinding.properties.drift.enum],
])(
  'what may be chosen of %s is what openapi.json has',
  (_name, words: readonly string[], wanted: readonly string[]) => {
    expect([...words].toSorted()).toEqual(wanted.toSorted());
  },
);
