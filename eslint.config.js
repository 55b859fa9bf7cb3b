/** Lint rules: what the type checker knows is used to the full; formatting is Prettier's business alone. */
import eslint from '@eslint/js';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Only these print or prompt (docs/architecture.md). */
const printing = ['bin/**', 'bench/**', 'build.js', 'test/support/reporter.js'];

const typescript = {
  files: ['**/*.ts'],
  extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
  languageOptions: {
    parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
  },
  rules: {
    '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    '@typescript-eslint/consistent-type-exports': 'error',
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
    // A default branch is an answer for the cases that are not named.
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    // Loops over typed arrays and offsets need their index.
    '@typescript-eslint/prefer-for-of': 'off',
    '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    // `while (true)` with a return inside is the plainest form of a decoder's loop.
    '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
    '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  },
};

const tests = {
  files: ['test/**/*.ts'],
  rules: {
    // mocha's `describe` and `it` take async functions, and assertion libraries are called for their effect.
    '@typescript-eslint/no-unused-expressions': 'off',
    '@typescript-eslint/no-non-null-assertion': 'off',
    // `this.timeout()` and `this.skip()` of mocha need a function; async bodies without await keep one form of test.
    'prefer-arrow-callback': 'off',
    '@typescript-eslint/require-await': 'off',
    '@typescript-eslint/no-empty-function': 'off',
  },
};

export default defineConfig(
  globalIgnores(['dist/', 'coverage/', 'node_modules/', 'oclif.manifest.json', 'examples/**/*.ts']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  eslint.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2023, sourceType: 'module', globals: nodeGlobals() },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-empty': ['error', { allowEmptyCatch: false }],
      'prefer-const': 'error',
    },
  },
  typescript,
  tests,
  {
    files: ['**/*.cjs', 'examples/jest/**'],
    languageOptions: { sourceType: 'commonjs', globals: { module: 'writable', require: 'readonly' } },
  },
  { files: printing, rules: { 'no-console': 'off' } },
  prettier,
);

/** The names that plain JavaScript files use; TypeScript files have theirs checked by the compiler. */
function nodeGlobals() {
  const names = ['process', 'console', 'URL', 'Buffer', 'setTimeout', 'clearTimeout', 'setImmediate'];
  return Object.fromEntries(names.map((name) => [name, 'readonly']));
}
