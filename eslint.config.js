import tseslint from 'typescript-eslint';

/** Workflow code is replayed: nothing in it may read a clock, a file or a socket. */
const nodeBuiltins = [
  'fs',
  'net',
  'http',
  'https',
  'crypto',
  'os',
  'path',
  'child_process',
  'dns',
  'timers',
  'worker_threads',
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.posthorn/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: nodeBuiltins,
          patterns: [
            'node:*',
            '**/src/store/*',
            '**/src/api/*',
            '**/src/dispatch/*',
            '@temporalio/client',
            '@temporalio/worker',
          ],
        },
      ],
    },
  },
  { files: ['bench/**/*.ts', 'test/**/*.ts', 'src/embedded/**/*.ts'], rules: { 'no-console': 'off' } },
);
