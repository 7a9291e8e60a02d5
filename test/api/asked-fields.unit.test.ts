import { describe, expect, it } from '@jest/globals';
import { Kind, parse, type FieldNode, type FragmentDefinitionNode } from 'graphql';
import { AsksOnly } from '../../src/api/graphql/asked-fields.js';

/** What the resolver of the fields of a query would be told. */
function asked(query: string) {
  const { definitions } = parse(query);
  const fieldNodes: FieldNode[] = [];
  const fragments: Record<string, FragmentDefinitionNode> = {};
  for (const definition of definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition;
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    for (const field of definition.selectionSet.selections) if (field.kind === Kind.FIELD) fieldNodes.push(field);
  }
  return { fieldNodes, fragments };
}

describe('what a query asks for', () => {
  it.each([
    ['{ node { id } }', true],
    ['{ node { id state __typename } }', true],
    ['{ node { metadata: id } }', true],
    ['{ node { id: metadata } }', false],
    ['{ node { id metadata } }', false],
    ['{ node { ... on Node { id ... { state } } } }', true],
    ['{ node { ... on Node { id ... { metadata } } } }', false],
    ['{ node { ...outer } } fragment outer on Node { id ...inner } fragment inner on Node { state }', true],
    ['{ node { ...outer } } fragment outer on Node { id ...inner } fragment inner on Node { metadata }', false],
    ['{ node { id } node { state } }', true],
    ['{ node { id } node { metadata } }', false],
    ['query ($all: Boolean!) { node { id metadata @include(if: $all) } }', false],
  ])('%s: none but id and state is %s', (query, expected) => {
    const onlySummary = new AsksOnly(['id', 'state']);
    const info = asked(query);
    // Twice: a verdict is kept.
    expect([onlySummary.holds(info), onlySummary.holds(info)]).toEqual([expected, expected]);
  });
});
