// Import zones, default deny: a dependency that no line of `allowed` names is an error.
const WINGS = '(identity|projects|deployments|webhooks|gateway|sagas|data|portal|web|site|admin|trust)';
const ENTRIES = '^(server|worker|migrate|demo|local-cloud|proxy|instrumentation)\\.ts$';
const TESTS = '\\.test\\.tsx?$';
const PACKAGES = 'node_modules';
const BUILT_IN = ['core'];
// Next gives this name its meaning; there is no such package.
const MARKER = '^server-only$';
// The one place where everything is put together.
const COMPOSITION = '^lib/composition\\.ts$';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Files that need each other are one file, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: MARKER },
    },
    {
      name: 'no-undeclared-packages',
      comment: 'A package that is used is named in package.json.',
      severity: 'error',
      from: { pathNot: `^(tests|bench|scripts)/|\\.config\\.(ts|mjs)$|${TESTS}` },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'verbs-know-no-framework',
      comment: 'Verbs, the kernel and the database know neither the web framework nor a vendor.',
      severity: 'error',
      from: { path: `^(lib/${WINGS}|lib/kernel|db)/`, pathNot: TESTS },
      to: { path: '^node_modules/(next|react|react-dom|hono|@hono|node-appwrite|ioredis|nodemailer)/' },
    },
    {
      name: 'vendors-behind-ports',
      comment: 'Only an adapter knows its vendor.',
      severity: 'error',
      from: { pathNot: `^(lib/adapters|tests|bench)/|${COMPOSITION}|${TESTS}` },
      to: { path: '^node_modules/(node-appwrite|ioredis|nodemailer)/' },
    },
    {
      name: 'internals-stay-inside',
      comment: "A noun calls another noun's verbs, never its internals.",
      severity: 'error',
      from: { path: '^lib/([^/]+)/([^/]+)/' },
      to: { path: '^lib/[^/]+/[^/]+/internal\\.ts$', pathNot: '^lib/$1/$2/' },
    },
    {
      name: 'primitives-know-no-noun',
      comment: 'What lies in app/_ui serves every page, so it fetches nothing and names nothing.',
      severity: 'error',
      from: { path: '^app/_ui/' },
      to: { path: '^(app/(?!_ui/)|lib/|db/)' },
    },
  ],
  allowed: [
    { from: {}, to: { path: PACKAGES } },
    { from: {}, to: { dependencyTypes: BUILT_IN } },
    { from: { path: '^(app|lib/http)/' }, to: { path: MARKER } },
    { from: { path: `^(tests|bench)/|${TESTS}` }, to: { path: '^(app|lib|db|tests|bench|scripts)/|^[^/]+\\.ts$' } },
    { from: { path: '^scripts/' }, to: { path: '^scripts/' } },
    { from: { path: ENTRIES }, to: { path: '^(lib|db|app/api)/' } },
    { from: { path: '^app/' }, to: { path: `^app/|^lib/(http|${WINGS}|kernel)/|^lib/(paths|context)\\.ts$` } },
    { from: { path: '^lib/http/' }, to: { path: `^lib/(http|${WINGS}|adapters|kernel)/|^lib/[^/]+\\.ts$|^db/` } },
    { from: { path: '^lib/gateway/' }, to: { path: '^lib/(gateway|http|adapters|kernel)/|^lib/[^/]+\\.ts$|^db/' } },
    { from: { path: '^lib/[^/]+\\.ts$' }, to: { path: `^lib/(${WINGS}|adapters|kernel)/|^lib/[^/]+\\.ts$|^db/` } },
    { from: { path: `^lib/${WINGS}/` }, to: { path: `^lib/(${WINGS}|adapters|kernel)/|^lib/(paths|context)\\.ts$|^db/` } },
    { from: { path: '^lib/adapters/' }, to: { path: '^lib/(adapters|kernel)/' } },
    { from: { path: '^lib/local-cloud/' }, to: { path: '^lib/(local-cloud|kernel)/' } },
    { from: { path: '^lib/kernel/' }, to: { path: '^lib/kernel/' } },
    { from: { path: '^db/' }, to: { path: '^db/|^lib/kernel/' } },
    { from: { path: '^[^/]+\\.config\\.(ts|mjs)$' }, to: { path: '^(scripts|lib)/' } },
  ],
  allowedSeverity: 'error',
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(\\.next|dist|\\.studio|coverage|examples)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
