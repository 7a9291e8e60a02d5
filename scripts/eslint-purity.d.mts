/** What test/purity takes from the rule: globals by name, and members that depend on the machine's locale or time zone. */
export const PURE_GLOBALS: ReadonlySet<string>;
export const PARTLY_PURE_GLOBALS: ReadonlyMap<
  string,
  { readonly construct: number; readonly members: readonly string[] }
>;
export const LOCAL_MEMBERS: RegExp;
