/**
 * The layers of docs/architecture.md as rules: `npm run layers` fails where an import points the wrong way.
 * test/layers.test.ts proves that each rule catches what it is for.
 */

/** What the build bundles, so that the installed package has no dependencies: the only packages that the product may import. */
const bundledPackages = [
  '@oclif/core',
  'chalk',
  'cli-table3',
  'execa',
  'inquirer',
  'log-update',
  'ora',
  'pid-port',
  'pino',
  'zod',
];

const basics = ['errors', 'clock', 'glob', 'config'];
const core = [...basics, 'resp', 'topology', 'ipc', 'storage', 'keyspace', 'command-table'];

/** What each layer may import besides itself. What is not listed is forbidden. */
const layers = [
  { layer: 'errors', may: [], why: 'errors are known to all and know nobody' },
  { layer: 'clock', may: [], why: 'time is a dependency of others and has none' },
  { layer: 'glob', may: ['errors'], why: 'pattern matching is a pure function of bytes' },
  { layer: 'config', may: ['errors'], why: 'settings are read by every layer, so they stand below all of them' },
  { layer: 'resp', may: basics, why: 'the codec knows bytes, not what they mean' },
  { layer: 'topology', may: [...basics, 'resp'], why: 'slots and placement are pure functions and plain data' },
  { layer: 'ipc', may: [...basics, 'topology'], why: 'messages are plain data that both sides of the channel share' },
  { layer: 'storage', may: basics, why: 'the arena and its tables know bytes, not commands' },
  { layer: 'keyspace', may: [...basics, 'resp', 'storage'], why: 'the keys of a tenant know nothing of connections' },
  {
    layer: 'command-table',
    may: [...basics, 'resp', 'topology', 'keyspace'],
    why: 'handlers see their tenant, session and node through ports only; clients load the declarations',
  },
  { layer: 'tenancy', may: core, why: 'the registry is used by the server and does not use it' },
  { layer: 'persistence', may: core, why: 'files and snapshots know data, not who asks for it' },
  {
    layer: 'replication',
    may: [...core, 'persistence'],
    why: 'replication works on a Duplex and the log, not on a server',
  },
  {
    layer: 'server',
    may: [...core, 'tenancy', 'persistence', 'replication'],
    why: 'the server is one node and does not know what process it runs in',
  },
  {
    layer: 'node',
    may: [...core, 'tenancy', 'persistence', 'replication', 'server'],
    why: 'the child process stands on the whole server side and on nothing of the client side',
  },
  {
    layer: 'cluster',
    may: [...basics, 'topology', 'ipc', 'tenancy'],
    why: 'the launcher starts nodes by path and never imports them; it shares the rules of the tenant registry',
  },
  {
    layer: 'library',
    may: [...basics, 'topology', 'client', 'cluster', 'tenancy', 'server'],
    why: 'test suites get a server in their process or a cluster beside it, and clients as anyone else has them',
  },
  {
    layer: 'client',
    may: [...basics, 'resp', 'topology', 'command-table'],
    why: 'a client knows the protocol and the declarations, and nothing of how a server keeps its data',
  },
  {
    layer: 'shell',
    may: [...basics, 'resp', 'topology', 'command-table', 'client'],
    why: 'the shell talks to servers through the client alone',
  },
  {
    layer: 'cli',
    may: [...basics, 'resp', 'topology', 'command-table', 'client', 'cluster', 'shell'],
    why: 'the command line finds servers and shows replies; it never reaches into a server',
  },
];

/** A layer is a folder of src/, or a single file of that name. */
const pathOf = (names) => `^src/(?:${names.join('|')})(?:/|\\.ts$)`;

const layerRules = layers.map(({ layer, may, why }) => ({
  name: `layer-${layer}`,
  comment: `${why}; it may import ${may.length === 0 ? 'no other layer' : may.join(', ')}`,
  severity: 'error',
  from: { path: pathOf([layer]) },
  to: { path: '^(?:src|commands|bin|test|bench)/', pathNot: pathOf([layer, ...may]) },
}));

module.exports = {
  forbidden: [
    ...layerRules,
    {
      name: 'every-folder-is-a-layer',
      comment: 'a new folder of src/ takes its place in the table of layers above and in docs/architecture.md',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: pathOf(layers.map(({ layer }) => layer)) },
    },
    {
      name: 'commands-are-thin',
      comment:
        'a CLI command calls cli, shell, client, cluster or starts a server; it never touches what is inside one',
      severity: 'error',
      from: { path: '^commands/' },
      to: {
        path: '^(?:src|bin|test|bench)/',
        pathNot: pathOf([
          ...basics,
          'resp',
          'topology',
          'command-table',
          'client',
          'shell',
          'cli',
          'cluster',
          'server',
        ]),
      },
    },
    {
      name: 'commands-are-leaves',
      comment: 'CLI commands are found by oclif through their paths and imported by nobody, not by each other either',
      severity: 'error',
      from: {},
      to: { path: '^commands/' },
    },
    {
      name: 'bin-starts-the-cli',
      comment: 'the entry points hand over to src/cli/main.ts and hold nothing themselves',
      severity: 'error',
      from: { path: '^bin/' },
      to: { path: '^(?:src|commands|test|bench)/', pathNot: '^src/cli/main\\.ts$' },
    },
    {
      name: 'command-table-sees-keyspace-as-types',
      comment: 'clients load the command table, so it must not pull the storage engine in at run time',
      severity: 'error',
      from: { path: pathOf(['command-table']) },
      to: { path: pathOf(['keyspace']), dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-without-io',
      comment: 'codec, topology, storage, keyspace and command table do no I/O and have no clock of their own',
      severity: 'error',
      from: { path: pathOf(['resp', 'topology', 'storage', 'keyspace', 'command-table']) },
      to: {
        dependencyTypes: ['core'],
        path: '^(?:node:)?(?:fs|net|tls|http|https|http2|dgram|dns|child_process|cluster|worker_threads|readline|timers)(?:/|$)',
      },
    },
    {
      name: 'printing-and-prompting',
      comment: 'only shell, cli and commands print or prompt, so only they import what draws on a terminal',
      severity: 'error',
      from: { path: '^src/', pathNot: pathOf(['shell', 'cli']) },
      to: { path: 'node_modules/(?:@oclif/core|inquirer|@inquirer/[^/]+|chalk|cli-table3|ora|log-update)/' },
    },
    {
      name: 'no-cycles',
      comment:
        'modules of a cycle cannot be understood, tested or loaded one at a time (types may refer to each other)',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-development-packages',
      comment: 'what users run is bundled, and holds no more packages than those that are listed for it',
      severity: 'error',
      from: { path: '^(?:src|commands|bin/run\\.js)' },
      to: { dependencyTypes: ['npm-dev'], pathNot: `node_modules/(?:@types|${bundledPackages.join('|')})/` },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'a package that package.json does not name is there by accident',
      severity: 'error',
      from: {},
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'no-unresolved-imports',
      comment: 'an import that leads nowhere fails at run time',
      severity: 'error',
      from: {},
      // The bundle is made by the build and imported by the installed entry point alone.
      to: { couldNotResolve: true, pathNot: '^dist/' },
    },
    {
      name: 'no-tests-in-production',
      comment: 'tests and benchmarks import the product, never the other way round',
      severity: 'error',
      from: { pathNot: '^(?:test|bench)/' },
      to: { path: '^(?:test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^dist/' },
    // Imports that the compiler removes are seen too, each marked as type-only.
    tsPreCompilationDeps: true,
    detectProcessBuiltinModuleCalls: false,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.cjs', '.mjs', '.json', '.d.ts'],
    },
  },
};
