/** Who may import whom: the arrows of the architecture. test/architecture plants a violation of each and sees it caught. */

/** An npm package, or its types, wherever node_modules is. */
const packages = (...names) => `(^|/)node_modules/(@types/)?(${names.join('|')})/`;

const MODULES = '\\.module\\.ts$'; // a component's Nest module: its hand to the runtime, not part of its logic
const MESSAGES = '^src/messages/';
const CONFIG = '^src/config(\\.ts$|/connections\\.ts$)';
const RUNTIME_INDEX = '^src/runtime/index\\.ts$';
const SDK = '^src/client/sdk\\.ts$';
const EFFECT_INDEX = '^src/registry-effect/index\\.ts$';
// What REST answers, as types that are generated from openapi.json.
const API_ANSWERS = '^src/api-answers/answers\\.ts$';
const CLI_IMPORT = '^src/cli/import/';
const CLI_DOCTOR = '^src/cli/doctor/';

/** Files under `path` may import, of all there is (`within: ''`) or of what lies under `within`, only `allowed`. */
const only = (name, path, allowed, { within = '', except = [], comment } = {}) => ({
  name,
  severity: 'error',
  comment,
  from: { path, pathNot: except },
  to: { path: within, pathNot: [...[path].flat(), ...allowed] },
});

/** Packages that only the places named may import, of all there is or of what lies under `within`. */
const confined = (name, names, places, within = '^src/') => ({
  name,
  severity: 'error',
  comment: `${names.join(', ')}: only in ${places.join(', ')}`,
  from: { path: within, pathNot: places.map((place) => `^${place}/`) },
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
    only('events-know-no-transport', '^src/runtime/events/', [MESSAGES, '^src/runtime/lanes/lane\\.ts$'], {
      within: '^src/',
      comment: 'places and events are the same in every log',
    }),
    only('api-knows-only-messages-and-runtime', '^src/api/', [MESSAGES, RUNTIME_INDEX], {
      within: '^src/',
      comment: 'the api publishes commands and reads; it decides nothing',
    }),
    only('client-knows-only-messages', '^src/client/', [MESSAGES], { within: '^src/' }),
    confined('client-is-no-nest-program', ['@nestjs/[^/]+'], ['src/client/nest'], '^src/client/'),
    only('self-registration-is-a-node', '^src/self-registration/', [SDK, RUNTIME_INDEX], {
      within: '^src/',
      comment: 'it joins as every node does, by the SDK; of the runtime it knows the log alone',
    }),
    {
      name: 'only-main-knows-self-registration',
      severity: 'error',
      comment: 'the registry does not know that it is a node',
      from: { path: '^src/', pathNot: '^src/(self-registration/|main\\.ts$)' },
      to: { path: '^src/self-registration/' },
    },
    only('fleet-knows-only-client-and-messages', '^src/fleet/', ['^src/client/', MESSAGES, CONFIG], {
      within: '^src/',
      comment: 'of the configuration it takes how Kafka is spoken to',
    }),
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
    only('token-command-knows-config', '^src/token/', ['^src/config/'], {
      within: '^src/',
      comment: 'an entry that it prints is one that the registry takes',
    }),
    only('api-answers-know-nobody', '^src/api-answers/', [], { within: '^src/' }),
    only('console-knows-only-the-api', '^src/console/', [API_ANSWERS], {
      within: '^src/',
      comment: 'it runs in a browser, and uses the public API only',
    }),
    {
      name: 'nobody-knows-the-console',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/console/' },
      to: { path: '^src/console/' },
    },
    ...['fleet', 'node', 'register', 'drift', 'dead-letters', 'health'].map((page) =>
      only(
        `console-page-${page}-stands-alone`,
        `^src/console/${page}/`,
        // A node's page shows the drift of the node.
        [
          API_ANSWERS,
          '^src/console/(api|live|parts|session|words)/',
          ...(page === 'node' ? ['^src/console/drift/'] : []),
        ],
        { within: '^src/', comment: 'what several pages show is a part' },
      ),
    ),
    {
      name: 'console-words-know-no-page',
      severity: 'error',
      comment: 'how things are written can be tried without a browser',
      from: { path: '^src/console/words/' },
      to: { pathNot: [API_ANSWERS, '^src/console/(words/|api/[a-z]+-model\\.ts$)'] },
    },
    only('cli-knows-only-the-api', '^src/cli/', [API_ANSWERS, '^src/client/http/sse-parser\\.ts$'], {
      within: '^src/',
      except: [CLI_IMPORT, CLI_DOCTOR],
      comment: 'it uses the HTTP API only',
    }),
    only('import-knows-only-the-cli-and-messages', CLI_IMPORT, ['^src/cli/', MESSAGES], {
      within: '^src/',
      comment: 'it judges records by the schema that the registry judges them by',
    }),
    only(
      'doctor-knows-only-the-facts-of-servers',
      CLI_DOCTOR,
      ['^src/cli/', MESSAGES, RUNTIME_INDEX, EFFECT_INDEX, CONFIG],
      { within: '^src/', comment: 'it looks at servers as the registry does, by what stands beside the clients' },
    ),
    {
      name: 'heavy-parts-of-the-cli-load-when-wanted',
      severity: 'error',
      comment: 'a command that lists nodes must not load the clients of three servers',
      from: { path: '^src/cli/', pathNot: [CLI_IMPORT, CLI_DOCTOR] },
      to: { path: [CLI_IMPORT, CLI_DOCTOR], dependencyTypesNot: ['dynamic-import', 'type-only'] },
    },
    {
      name: 'nobody-knows-the-cli',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    only('config-knows-nobody', '^src/config(\\.ts|/)', [MESSAGES], { within: '^src/' }),

    confined(
      'kafkajs-only-in-transports',
      ['kafkajs'],
      ['src/runtime/kafka', 'src/client/kafka', 'src/chaos/kafka', 'src/bench'],
    ),
    confined('opentelemetry-only-in-tracing', ['@opentelemetry/[^/]+'], ['src/runtime/tracing']),
    confined('websockets-only-in-the-socket', ['ws', 'graphql-ws'], ['src/api/graphql/socket']),
    confined('jose-only-in-access', ['jose'], ['src/api/access']),
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
      from: { orphan: true, path: '^src/', pathNot: '(^|/)main\\.tsx?$' },
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
      comment: 'what src needs stands under dependencies in package.json; what Vite puts into the console does not',
      from: { path: '^src/', pathNot: '^src/console/' },
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
