/** Who may import whom: the arrows of the architecture. test/architecture plants a violation of each and sees it caught. */

/** An npm package, or its types, wherever node_modules is. */
const packages = (...names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`;

const MODULES = '\\.module\\.ts$'; // a component's Nest module: its hand to the runtime, not part of its logic
const MESSAGES = '^src/messages/';
const RUNTIME_INDEX = '^src/runtime/index\\.ts$';

/** Files under `path` may import, of all there is (`within: ''`) or of what lies under `within`, only `allowed`. */
const only = (name, path, allowed, { within = '', except = [], comment } = {}) => ({
  name,
  severity: 'error',
  comment,
  from: { path, pathNot: except },
  to: { path: within, pathNot: [...[path].flat(), ...allowed] },
});

/** Packages that only the places named may import. */
const confined = (name, names, places) => ({
  name,
  severity: 'error',
  comment: `${names.join(', ')}: only in ${places.join(', ')}`,
  from: { path: '^src/', pathNot: places.map((place) => `^${place}/`) },
  to: { path: packages(...names) },
});

module.exports = {
  forbidden: [
    only('messages-know-only-messages', MESSAGES, [packages('zod', 'uuid'), '^(node:)?(buffer|crypto)$'], {
      comment: 'the vocabulary does no I/O and knows nobody',
    }),
    only('reducer-knows-only-messages', '^src/reducer/', [MESSAGES], {
      except: [MODULES],
      comment: 'the reducer is pure: itself, and types of messages; no package, no Node',
    }),
    {
      name: 'reducer-takes-only-types',
      severity: 'error',
      comment: 'the reducer takes nothing from messages that exists at run time',
      from: { path: '^src/reducer/', pathNot: MODULES },
      to: { path: MESSAGES, dependencyTypesNot: ['type-only'] },
    },
    only('orchestrator-knows-only-messages', '^src/orchestrator/', [MESSAGES], {
      except: [MODULES],
      comment: 'the orchestrator is pure: itself and messages; no package, no Node',
    }),
    only('registry-effect-knows-only-messages', '^src/registry-effect/', [MESSAGES], {
      within: '^src/',
      except: [MODULES],
      comment: 'components meet only through the log',
    }),
    ...['orchestrator', 'reducer', 'registry-effect'].flatMap((component) => [
      only(
        `${component}-module-knows-only-runtime`,
        `^src/${component}/.*${MODULES}`,
        [`^src/${component}/`, MESSAGES, RUNTIME_INDEX],
        {
          within: '^src/',
          comment: "a component's module hands its handlers to the runtime, by the runtime's index",
        },
      ),
      {
        name: `${component}-logic-knows-no-module`,
        severity: 'error',
        from: { path: `^src/${component}/`, pathNot: MODULES },
        to: { path: MODULES },
      },
    ]),
    only('runtime-knows-no-component', '^src/runtime/', [MESSAGES], {
      within: '^src/',
      comment: 'handlers come to the runtime by dependency injection',
    }),
    only('api-knows-only-messages-and-runtime', '^src/api/', [MESSAGES, RUNTIME_INDEX], {
      within: '^src/',
      comment: 'the api publishes commands and reads; it decides nothing',
    }),
    only('client-knows-only-messages', '^src/client/', [MESSAGES], { within: '^src/' }),
    only('fleet-knows-only-client-and-messages', '^src/fleet/', ['^src/client/', MESSAGES], { within: '^src/' }),
    only(
      'chaos-knows-programs-and-module-entries',
      '^src/chaos/',
      ['^src/client/', '^src/fleet/', MESSAGES, RUNTIME_INDEX, `^src/(orchestrator|reducer)/.*${MODULES}`],
      { within: '^src/', comment: 'it plays nodes as the fleet does, and folds the journal as replay does' },
    ),
    {
      name: 'nobody-knows-chaos',
      severity: 'error',
      comment: 'what breaks the registry is no part of it',
      from: { path: '^src/', pathNot: '^src/chaos/' },
      to: { path: '^src/chaos/' },
    },
    only('bench-knows-client-fleet-and-messages', '^src/bench/', ['^src/(client|fleet)/', MESSAGES], {
      within: '^src/',
      comment: 'it measures the program from outside',
    }),
    {
      name: 'nobody-knows-the-bench',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/bench/' },
      to: { path: '^src/bench/' },
    },
    only(
      'simulator-knows-the-loop-and-its-components',
      '^src/simulator/',
      ['^src/(runtime|registry-effect)/', MESSAGES, `^src/(orchestrator|reducer)/.*${MODULES}`],
      { within: '^src/', comment: 'it puts the parts of the product together, around servers of its own' },
    ),
    {
      name: 'nobody-knows-the-simulator',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/simulator/' },
      to: { path: '^src/simulator/' },
    },
    only('drift-command-knows-nobody', '^src/drift/', [], { within: '^src/', comment: 'it uses the REST API only' }),
    only('config-knows-nobody', '^src/config(\\.ts|/)', [MESSAGES], { within: '^src/' }),

    confined(
      'kafkajs-only-in-transports',
      ['kafkajs'],
      ['src/runtime/kafka', 'src/client/kafka', 'src/chaos/kafka', 'src/bench'],
    ),
    confined('consul-only-in-its-effect', ['consul'], ['src/registry-effect/consul']),
    confined(
      'sql-only-where-data-live',
      ['pg', 'pg-[^/]+', 'typeorm', '@nestjs/typeorm', '@electric-sql/[^/]+'],
      [
        'src/registry-effect/postgres',
        'src/registry-effect/embedded',
        'src/runtime/embedded',
        'src/runtime/journal',
        'src/api/read',
        'src/bench',
      ],
    ),

    { name: 'no-cycles', severity: 'error', from: { path: '^src/' }, to: { circular: true } },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'nobody uses it, and it uses nobody',
      from: { orphan: true, path: '^src/', pathNot: '(^|/)main\\.ts$' },
      to: {},
    },
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
    {
      name: 'no-undeclared-packages',
      severity: 'error',
      comment: 'what src needs stands under dependencies in package.json',
      from: { path: '^src/' },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: ['type-only'],
      },
    },
    {
      name: 'no-tests-in-programs',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(test|scripts|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true, // sees imports of types too
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
