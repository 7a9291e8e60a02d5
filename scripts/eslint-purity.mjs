/**
 * ESLint rule for code that must answer the same for the same arguments, always: an allow-list of globals. What is not named
 * here (process, console, timers, fetch, crypto, Promise, Intl, globalThis, eval …) is refused without our having thought of it.
 */
const VALUES =
  'Array BigInt Boolean Error Infinity JSON Map NaN Number Object RangeError RegExp Set String TypeError undefined';
const FUNCTIONS = 'decodeURIComponent encodeURIComponent';

/** Globals of which only some members are pure: `new` wants arguments, members are those that depend on nothing else. */
const MATH = 'abs ceil floor max min round sign trunc';
const DATE = { construct: true, members: ['UTC', 'parse'] };

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
    const allowed = new Set(`${VALUES} ${FUNCTIONS}`.split(' '));
    const partly = new Map([['Math', { construct: false, members: MATH.split(' ') }]]);
    if (context.options[0]?.dates) partly.set('Date', DATE);

    return {
      Program() {
        const { globalScope } = context.sourceCode.scopeManager;
        const known = globalScope.variables.filter((variable) => variable.defs.length === 0);
        for (const reference of [...globalScope.through, ...known.flatMap((variable) => variable.references)]) {
          const { identifier } = reference;
          if (reference.isValueReference === false || allowed.has(identifier.name)) continue;
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
  if (parent.type === 'NewExpression')
    return part.construct && parent.callee === identifier && parent.arguments.length > 0;
  return isMemberOf(parent, identifier) && part.members.includes(parent.property.name);
}

function isMemberOf(node, object) {
  return node.type === 'MemberExpression' && node.object === object && !node.computed;
}

function nameOf(identifier) {
  const { parent } = identifier;
  return isMemberOf(parent, identifier) ? `${identifier.name}.${parent.property.name}` : identifier.name;
}
