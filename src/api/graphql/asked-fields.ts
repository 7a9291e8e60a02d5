import { Kind, type FieldNode, type GraphQLResolveInfo, type SelectionNode } from 'graphql';

type Asked = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>;

/**
 * Whether a query asks for none but these fields of what is resolved. `@skip` and `@include` are not looked at: a field counts
 * as asked for. A verdict is kept as long as the query.
 */
export class AsksOnly {
  private readonly verdicts = new WeakMap<FieldNode, boolean>();
  private readonly fields: ReadonlySet<string>;

  constructor(fields: readonly string[]) {
    this.fields = new Set([...fields, '__typename']);
  }

  holds({ fieldNodes, fragments }: Asked): boolean {
    const [field, ...others] = fieldNodes;
    // The same field may be asked for in several places, or, by a variable, in some of them only.
    if (field === undefined || others.length > 0) return fieldNodes.every((one) => this.of(one, fragments));
    let verdict = this.verdicts.get(field);
    if (verdict === undefined) {
      verdict = this.of(field, fragments);
      this.verdicts.set(field, verdict);
    }
    return verdict;
  }

  private of(field: FieldNode, fragments: Asked['fragments']): boolean {
    return this.within(field.selectionSet?.selections ?? [], fragments);
  }

  private within(selections: readonly SelectionNode[], fragments: Asked['fragments']): boolean {
    return selections.every((selection) => {
      switch (selection.kind) {
        case Kind.FIELD:
          return this.fields.has(selection.name.value);
        case Kind.INLINE_FRAGMENT:
          return this.within(selection.selectionSet.selections, fragments);
        case Kind.FRAGMENT_SPREAD:
          return this.within(fragments[selection.name.value]?.selectionSet.selections ?? [], fragments);
        default:
          return selection satisfies never;
      }
    });
  }
}
