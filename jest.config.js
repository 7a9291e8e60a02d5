/**
 * Two kinds of tests by file name: `*.unit.test.ts` needs nothing, `*.stack.test.ts` needs the servers (test/support/stack.ts).
 * Native ES modules: Node must be started with --experimental-vm-modules, as `npm test` does.
 */
export default {
  roots: ['<rootDir>/src', '<rootDir>/test'],
  testMatch: ['<rootDir>/test/**/*.{unit,stack}.test.ts'],
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  // Imports name the emitted file; the source beside it is what Jest has to load.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        swcrc: false,
        sourceMaps: 'inline',
        module: { type: 'es6' },
        jsc: {
          target: 'es2022',
          keepClassNames: true,
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true, verbatimModuleSyntax: true },
        },
      },
    ],
  },
  restoreMocks: true,
  // For a machine that has other work to do: only a test that fails anyway takes as long.
  testTimeout: 180_000,
  // Half of the cores: the servers, and the registries that tests start, need the others to keep their times.
  maxWorkers: '50%',
  globalSetup: '<rootDir>/scripts/jest-temporary.mjs',
  globalTeardown: '<rootDir>/scripts/jest-temporary-end.mjs',
  reporters: ['default', '<rootDir>/scripts/jest-skipped.mjs'],
};
