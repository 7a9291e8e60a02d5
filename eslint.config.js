import { defineConfig } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';
import { IMPURE_SYNTAX, pureGlobals } from './scripts/eslint-purity.mjs';

const PURE = ['src/orchestrator/**/*.ts', 'src/reducer/**/*.ts'];

const PROCESS_ENV =
  'Only src/config.ts (and the fleet, a program of its own) reads the environment: take what you need as an argument.';

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'data/', '.stack/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{js,mjs,cjs,ts,tsx}'],
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': 'error',
    },
  },
  {
    files: ['src/**/*.{ts,tsx}', 'test/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './test/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      '@typescript-eslint/no-misused-spread': ['error', { allow: ['string'] }],
      // Taste, or noise where an interface wants a promise and an index has just been checked:
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off', // Nest's classes describe shapes, nobody constructs them
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': 'off', // the compiler's noUnusedLocals and noUnusedParameters say the same
    },
  },
  {
    files: ['src/console/**/*.{ts,tsx}'],
    plugins: { 'react-hooks': reactHooks },
    languageOptions: { parserOptions: { project: './src/console/tsconfig.json' } },
    rules: { 'react-hooks/rules-of-hooks': 'error', 'react-hooks/exhaustive-deps': 'error', 'no-console': 'error' },
  },
  {
    // kafkajs hands its callbacks over as properties that are typed like methods.
    files: ['src/*/kafka/*.ts'],
    rules: { '@typescript-eslint/unbound-method': 'off' },
  },
  {
    // Jest's matchers and parsed answers are `any`; what is wrong with them shows when the test runs.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'no-console': 'error' },
  },
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts', 'src/fleet/main.ts', 'src/cli/main.ts', 'src/bench/main.ts'],
    rules: {
      'no-restricted-properties': ['error', { object: 'process', property: 'env', message: PROCESS_ENV }],
      'no-restricted-imports': [
        'error',
        { paths: ['node:process', 'process'].map((name) => ({ name, importNames: ['env'], message: PROCESS_ENV })) },
      ],
    },
  },
  {
    files: PURE,
    ignores: ['**/*.module.ts'],
    plugins: { rollcall: { rules: { 'pure-globals': pureGlobals } } },
    rules: {
      'no-restricted-syntax': ['error', ...IMPURE_SYNTAX],
      'rollcall/pure-globals': ['error', { dates: false }],
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
    },
  },
  {
    // It turns the append time of a message, a number, into text and back.
    files: ['src/orchestrator/**/*.ts'],
    ignores: ['**/*.module.ts'],
    rules: { 'rollcall/pure-globals': ['error', { dates: true }] },
  },
);
