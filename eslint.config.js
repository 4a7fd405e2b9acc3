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

/** From the door inwards; rooms in one line know nothing of each other's callers. docs/architecture.md has the map. */
const LAYERS = [
  ['api'],
  ['access'],
  ['accept'],
  ['dispatch'],
  ['endpoints', 'deliveries', 'replays', 'notify'],
  ['temporal'],
  ['catalogue', 'templates'],
  ['metrics'],
  ['store', 'http'],
  ['profiles', 'sandbox'],
  ['signing', 'events', 'stats'],
];

/** What only puts the others together, or serves people. Nothing else may know of it. */
const OUTERMOST = ['posthorn.ts', 'run.ts', 'main.ts', 'welcome.ts', 'warm-up.ts', 'cli/', 'dev/'];

/** Types may be named upwards: nothing runs, and nothing is started by that. */
const layerRules = LAYERS.flatMap((rooms, depth) => {
  const above = LAYERS.slice(0, depth)
    .flat()
    .map((room) => `${room}/`);
  return rooms.map((room) => ({
    files: [`src/${room}/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${[...above, ...OUTERMOST].join('|').replaceAll('.', '\\.')})`,
              allowTypeImports: true,
              message: `Calls go one way, api → accept → dispatch → … → store: what ${room}/ needs from there is passed to it, or belongs further in.`,
            },
          ],
        },
      ],
    },
  }));
});

/** It runs wherever its user's code runs. tsconfig.sdk.json knows no Node either. */
const sdkRules = [
  {
    files: ['src/sdk/**/*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: '^(\\.\\./)+(?!(\\.\\./)*(profiles|signing)/)[a-z]|^[a-z@]',
              message: 'The client and the verifier have no dependencies, and nothing of the server in them.',
            },
          ],
        },
      ],
    },
  },
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.posthorn/**'] },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
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
  ...layerRules,
  ...sdkRules,
  {
    files: ['src/cli/**/*.ts'],
    ignores: ['src/cli/doctor/**', 'src/cli/{migrate,seal-again,own-database}.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              regex: `^(\\.\\./)+(${[...LAYERS.flat().filter((room) => room !== 'profiles'), 'embedded', 'config\\.ts'].join('|')})(/|$)`,
              allowTypeImports: true,
              message:
                'Commands talk to a Posthorn by its API, and start quickly. What an operator does without one is in doctor/, migrate.ts and seal-again.ts.',
            },
          ],
        },
      ],
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
            {
              regex:
                '^node:|^@temporalio/(client|worker)$|/src/(api|accept|dispatch|endpoints|deliveries|replays|metrics|store|http|embedded|dev|cli)/',
              message:
                'Workflow code is replayed: it may use pure modules only, and leaves the rest to activities.',
            },
          ],
        },
      ],
    },
  },
  { files: ['bench/**/*.ts', 'test/**/*.ts', 'src/embedded/**/*.ts'], rules: { 'no-console': 'off' } },
);
