import {
  getNamedType,
  GraphQLError,
  isObjectType,
  Kind,
  MaxIntrospectionDepthRule,
  NoSchemaIntrospectionCustomRule,
  type ASTVisitor,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLField,
  type GraphQLOutputType,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { NODE_TYPES } from '../../messages/index.js';
import { DEFAULT_PAGE, MAX_PAGE } from '../parameters.js';
import { NODE_STATES } from '../read/node.js';

/** What one request may ask for. Cost is the number of fields in the largest answer that it could have. */
export const LIMITS = { operations: 1, depth: 10, aliases: 20, rootFields: 10, cost: 50_000 } as const;

/** Items of the lists that are no pages. */
const LIST_SIZES: Readonly<Record<string, number>> = {
  'RegistryStats.byState': NODE_STATES.length,
  'RegistryStats.byType': NODE_TYPES.length + 1,
};

export function validationRules(production: boolean): ValidationRule[] {
  return [limitsRule, MaxIntrospectionDepthRule, ...(production ? [NoSchemaIntrospectionCustomRule] : [])];
}

type Measure = { readonly depth: number; readonly aliases: number; readonly cost: number };

/**
 * Refuses what asks for too much, before anything is read. One operation a request, also because Mercurius caches what it
 * compiled by the text alone, and would answer with another operation of the same text.
 */
function limitsRule(context: ValidationContext): ASTVisitor {
  const measure = measurer(context);
  let operations = 0;
  return {
    OperationDefinition(operation) {
      operations += 1;
      const root = context.getSchema().getRootType(operation.operation) ?? undefined;
      const { depth, aliases, cost } = measure(operation.selectionSet, root);
      const rootFields = operation.selectionSet.selections.length;
      const found = { operations, depth, aliases, rootFields, cost };
      for (const name of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
        if (found[name] <= LIMITS[name]) continue;
        context.reportError(
          new GraphQLError(`The query asks for too much: ${name} ${found[name]}, at most ${LIMITS[name]}`, {
            nodes: operation,
          }),
        );
      }
    },
  };
}

function measurer(context: ValidationContext) {
  const fragments = fragmentsOf(context.getDocument());
  const measured = new Map<string, Measure>();

  return function measure(selectionSet: SelectionSetNode, type: GraphQLOutputType | undefined): Measure {
    const parent = type === undefined ? undefined : getNamedType(type);
    const fields = isObjectType(parent) ? parent.getFields() : {};
    let [depth, aliases, cost] = [0, 0, 0];
    const add = (part: Measure): void => {
      depth = Math.max(depth, part.depth);
      aliases += part.aliases;
      cost += part.cost;
    };
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FIELD) add(measureField(selection, fields[selection.name.value]));
      else if (selection.kind === Kind.INLINE_FRAGMENT) add(measure(selection.selectionSet, type));
      else add(measureFragment(selection.name.value));
    }
    return { depth, aliases, cost };

    function measureField(field: FieldNode, definition: GraphQLField<unknown, unknown> | undefined): Measure {
      const alias = field.alias === undefined ? 0 : 1;
      // The schema itself costs nothing to read; MaxIntrospectionDepthRule bounds it.
      if (field.name.value.startsWith('__') || field.selectionSet === undefined) {
        return { depth: 1, aliases: alias, cost: 1 };
      }
      const inner = measure(field.selectionSet, definition?.type);
      const paged = definition?.args.some((argument) => argument.name === 'first') ?? false;
      const times = paged ? pageSizeOf(field) : (LIST_SIZES[`${parent?.name}.${field.name.value}`] ?? 1);
      return { depth: inner.depth + 1, aliases: inner.aliases + alias, cost: 1 + times * inner.cost };
    }

    function measureFragment(name: string): Measure {
      const fragment = fragments.get(name);
      const known = measured.get(name);
      if (known !== undefined || fragment === undefined) return known ?? NOTHING;
      // For a cycle, which another rule refuses.
      measured.set(name, NOTHING);
      const result = measure(
        fragment.selectionSet,
        context.getSchema().getType(fragment.typeCondition.name.value) as never,
      );
      measured.set(name, result);
      return result;
    }
  };
}

const NOTHING: Measure = { depth: 0, aliases: 0, cost: 0 };

/** A variable may be the largest: the verdict on a text is kept for all values. */
function pageSizeOf(field: FieldNode): number {
  const value = field.arguments?.find((argument) => argument.name.value === 'first')?.value;
  if (value === undefined || value.kind === Kind.NULL) return DEFAULT_PAGE;
  return value.kind === Kind.INT ? Math.min(Math.max(Number(value.value), 1), MAX_PAGE) : MAX_PAGE;
}

function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  }
  return fragments;
}
