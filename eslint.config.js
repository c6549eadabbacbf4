// The rules of the house that a program can check; the direction rules are in tools/direction-rules.
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const tests = ['**/*.test.ts', 'tests/**/*.ts'];
const offTheRoad = [...tests, 'bench/**/*.ts', 'tools/**/*.ts'];

const time = 'time is injected: take a Clock (ground/clock), so that expiry of everything at once can be a test';

const everywhere = [
  { selector: 'ExportAllDeclaration', message: 'a door publishes a list, never a wildcard' },
  { selector: 'TSEnumDeclaration', message: 'Node strips types and cannot compile an enum: use a union of strings' },
];

const timeIsInjected = [
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: time },
  // With an argument it only does calendar arithmetic; without, it reads the machine's clock.
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: time },
  { selector: "CallExpression[callee.name='Date']", message: time },
  { selector: "MemberExpression[object.name='performance'][property.name='now']", message: time },
  { selector: "MemberExpression[object.name='process'][property.name='hrtime']", message: time },
];

const timersAreInjected = ['setTimeout', 'setInterval'].map((name) => ({
  name,
  message: 'a wait goes through a Clock (ground/clock), so that a test need not wait',
}));

export default defineConfig(
  { ignores: ['**/dist/', '**/node_modules/', '**/.countersign/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-eval': 'error',
      'no-control-regex': 'error',
      'no-console': 'error',
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true, namedFrom: true } },
      ],
      'no-restricted-syntax': ['error', ...everywhere, ...timeIsInjected],
      'no-restricted-globals': ['error', ...timersAreInjected],
      'no-restricted-imports': [
        'error',
        {
          paths: ['timers', 'node:timers', 'timers/promises', 'node:timers/promises'].map((name) => ({
            name,
            message: time,
          })),
        },
      ],
      // `typeof import('koffi')` is how a module that may be absent is spoken of.
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-import-type-side-effects': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidOperator: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', name: ['test', 'it', 'describe', 'suite'], package: 'node:test' },
          ],
        },
      ],
      '@typescript-eslint/no-unused-vars': [
        'error',
        {
          argsIgnorePattern: '^_',
          varsIgnorePattern: '^_',
          destructuredArrayIgnorePattern: '^_',
          ignoreRestSiblings: true,
        },
      ],
      // A port is asynchronous for the sake of the store that needs it; another may answer at once.
      '@typescript-eslint/require-await': 'off',
      // Plain JavaScript ignores our types, so a check "too many" at a door is on purpose.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      // `RefusalCode | string` in a signature tells the reader what is expected.
      '@typescript-eslint/no-redundant-type-constituents': 'off',
    },
  },
  // Plain JavaScript: loaded into programs of others by whatever Node there is.
  {
    files: ['packages/countersign/bin/*.mjs'],
    extends: [tseslint.configs.strict],
    rules: {
      eqeqeq: 'error',
      'no-var': 'error',
      'prefer-const': 'error',
      'no-eval': 'error',
      'no-console': 'error',
      'no-undef': 'error',
    },
    languageOptions: { globals: { process: 'readonly', globalThis: 'readonly', URL: 'readonly' } },
  },
  // The one reader of time.
  {
    files: ['packages/countersign/src/ground/clock/**/*.ts'],
    rules: { 'no-restricted-syntax': ['error', ...everywhere], 'no-restricted-globals': 'off' },
  },
  // A person reads what the command and the tools print.
  {
    files: ['packages/countersign/src/cli/**/*.ts', 'tools/**/*.ts', 'bench/**/*.ts', 'examples/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
  // Nothing here is on the road of a request: real time may pass.
  {
    files: offTheRoad,
    rules: {
      'no-restricted-syntax': ['error', ...everywhere],
      'no-restricted-globals': 'off',
      'no-restricted-imports': 'off',
    },
  },
  // A test may look where the types say that nothing is: it throws then, and so fails.
  {
    files: tests,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['eslint.config.js'], rules: { 'no-restricted-exports': 'off' } },
);
