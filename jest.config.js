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
  // Files wait for servers and deadlines more than they work; more at once would take each other's time.
  maxWorkers: 2,
  globalSetup: '<rootDir>/scripts/jest-temporary.mjs',
  globalTeardown: '<rootDir>/scripts/jest-temporary-end.mjs',
  reporters: ['default', '<rootDir>/scripts/jest-skipped.mjs'],
};
