/**
 * What lint knows of code that must answer the same for the same arguments, always: an allow-list of globals, and syntax that it
 * can do without. What is not named here (process, console, timers, fetch, crypto, Promise, Intl, globalThis, eval …) is refused
 * without our having thought of it. test/purity poisons the same globals while handlers run.
 */
export const PURE_GLOBALS = new Set([
  ...['Array', 'BigInt', 'Boolean', 'Infinity', 'JSON', 'Map', 'NaN', 'Number', 'Object', 'Set', 'String', 'undefined'],
  ...['decodeURIComponent', 'encodeURIComponent'],
]);

/** Globals of which only a part is pure: `new` with one to `construct` arguments, and members that depend on nothing else. */
export const PARTLY_PURE_GLOBALS = new Map([
  ['Math', { construct: 0, members: ['abs', 'ceil', 'floor', 'max', 'min', 'round', 'sign', 'trunc'] }],
  // Two arguments and more would be a local time.
  ['Date', { construct: 1, members: ['UTC', 'parse'] }],
  // Its members tell of the last match, whoever made it.
  ['RegExp', { construct: 2, members: [] }],
  ...['Error', 'RangeError', 'TypeError'].map((name) => [name, { construct: 2, members: [] }]),
]);

/** Members of any value whose result depends on the locale or the time zone of the machine. */
export const LOCAL_MEMBERS =
  /^(toLocale|localeCompare$|to(Date|Time)String$|(get|set)(Date|Day|FullYear|Hours|Milliseconds|Minutes|Month|Seconds|TimezoneOffset|Year)$)/;

const MODULE_LEVEL = ':matches(Program, ExportNamedDeclaration) > VariableDeclaration';

/** What the orchestrator and the reducer can do without, each with the reason: options of no-restricted-syntax. */
export const IMPURE_SYNTAX = [
  [
    ':matches(ImportDeclaration, ExportNamedDeclaration, ExportAllDeclaration)[source.value=/^[^.]/]',
    'imports only relative files: no packages, no Node',
  ],
  ['ImportExpression', 'loads nothing at run time'],
  ['MetaProperty, MemberExpression[property.name="stack"]', 'does not know where it runs'],
  ['AwaitExpression, ForOfStatement[await=true], :function[async=true]', 'is synchronous: waiting is for the runtime'],
  [':function[generator=true]', 'begins anew at every call: a generator goes on from where it stood'],
  ['TryStatement', 'swallows no error: an expected outcome is a value'],
  ['ClassDeclaration, ClassExpression, ThisExpression', 'consists of functions over values'],
  [
    'AssignmentExpression[left.type=/^(MemberExpression|ArrayPattern|ObjectPattern)$/], ' +
      'UpdateExpression[argument.type="MemberExpression"], UnaryExpression[operator="delete"], ' +
      'CallExpression[callee.object.name="Object"][callee.property.name=/^(assign|define|set)/]',
    'changes no value in place, least of all one that it was given: build a new one',
  ],
  ['MemberExpression[property.name=/^(constructor|prototype|__proto__)$/]', 'does not reach for what all values share'],
  [`${MODULE_LEVEL}[kind!="const"]`, 'remembers nothing between two calls: state comes in and goes out'],
  [
    `${MODULE_LEVEL} > VariableDeclarator > NewExpression[callee.name=/^(Map|Set)$/][arguments.length=0]`,
    'remembers nothing between two calls: an empty collection here could only be a cache',
  ],
  [
    `${MODULE_LEVEL} > VariableDeclarator:not([id.typeAnnotation.typeAnnotation.typeName.name=/^Readonly(Map|Set)$/]) > NewExpression[callee.name=/^(Map|Set)$/], ` +
      `${MODULE_LEVEL} > VariableDeclarator:not([id.typeAnnotation.typeAnnotation.operator="readonly"]) > ArrayExpression`,
    'remembers nothing between two calls: a collection here is declared readonly (ReadonlyMap, ReadonlySet, readonly …[], as const)',
  ],
  [
    `${MODULE_LEVEL} > VariableDeclarator > Literal[regex.flags=/[gy]/]`,
    'remembers nothing between two calls: this expression would remember where it matched last',
  ],
  [
    `MemberExpression[property.name=${String(LOCAL_MEMBERS)}]`,
    'does not depend on the locale or the time zone of the machine',
  ],
].map(([selector, reason]) => ({ selector, message: `Pure code ${reason}.` }));

export const pureGlobals = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { dates: { type: 'boolean' } }, additionalProperties: false }],
    messages: {
      impure:
        '"{{name}}" is not on the list of pure globals (scripts/eslint-purity.mjs): let the runtime hand in what you need',
    },
  },
  create(context) {
    const partly = new Map(PARTLY_PURE_GLOBALS);
    if (context.options[0]?.dates !== true) partly.delete('Date');

    return {
      Program() {
        const { globalScope } = context.sourceCode.scopeManager;
        const known = globalScope.variables.filter((variable) => variable.defs.length === 0);
        for (const reference of [...globalScope.through, ...known.flatMap((variable) => variable.references)]) {
          const { identifier } = reference;
          if (reference.isValueReference === false || PURE_GLOBALS.has(identifier.name)) continue;
          if (isPurePart(identifier, partly.get(identifier.name))) continue;
          context.report({ node: identifier, messageId: 'impure', data: { name: nameOf(identifier) } });
        }
      },
    };
  },
};

function isPurePart(identifier, part) {
  const { parent } = identifier;
  if (part === undefined) return false;
  if (parent.type === 'NewExpression') {
    const { length } = parent.arguments;
    const isSpread = parent.arguments.some(({ type }) => type === 'SpreadElement'); // may well be empty
    return parent.callee === identifier && length > 0 && length <= part.construct && !isSpread;
  }
  return isMemberOf(parent, identifier) && part.members.includes(parent.property.name);
}

function isMemberOf(node, object) {
  return node.type === 'MemberExpression' && node.object === object && !node.computed;
}

function nameOf(identifier) {
  const { parent } = identifier;
  return isMemberOf(parent, identifier) ? `${identifier.name}.${parent.property.name}` : identifier.name;
}
