const domain = '^api/domains/([^/]+)/'
const contracts = '^api/(contract/|domains/[^/]+/contract\\.ts$)'
const tests = ['\\.test\\.tsx?$', 'testing(-server)?\\.tsx?$', '/fixtures/']
const doors = '/(service|events|contract)\\.ts$'

/** Who may import whom. The comment of a rule is what a newcomer reads when it fires. */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      comment:
        'Two files that need each other are one file, or one of them should listen for an event.',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'contracts-are-pure',
      severity: 'error',
      comment: 'A browser loads the contracts: they may need zod and each other, nothing else.',
      from: { path: contracts, pathNot: tests },
      to: { pathNot: [contracts, '^node_modules/zod/'] },
    },
    {
      name: 'domains-meet-at-service',
      severity: 'error',
      comment: 'Another domain is reached through its service, events or contract.',
      from: { path: domain, pathNot: tests },
      to: { path: '^api/domains/', pathNot: ['^api/domains/$1/', doors] },
    },
    {
      name: 'sql-lives-in-queries',
      severity: 'error',
      comment:
        'What the database is asked stands in a queries.ts, or in one that says what about, where it can be reviewed as SQL.',
      from: { path: '^(api|voice|web)/', pathNot: ['[/-]queries\\.ts$', ...tests] },
      to: { path: ['^db/schema/', '^node_modules/drizzle-orm/', '^node_modules/pg/'] },
    },
    {
      name: 'core-knows-no-domain',
      severity: 'error',
      comment: 'The kernel is what everything stands on: no domain, no HTTP, no vendor.',
      from: { path: '^api/core/', pathNot: tests },
      to: { path: '^api/(domains|http|vendors)/' },
    },
    {
      name: 'sdk-behind-vendors',
      severity: 'error',
      comment: 'A vendor is spoken to in api/vendors/ only; everyone else asks `ctx.vendors`.',
      from: { path: '^(api|voice|db|scripts)/', pathNot: ['^api/vendors/', ...tests] },
      to: { path: '^node_modules/(stripe|twilio|openai|nodemailer|@elevenlabs|@clerk/backend)/' },
    },
    {
      name: 'voice-uses-services',
      severity: 'error',
      comment:
        'The gateway uses the domains as any other caller does, and not the HTTP API at all.',
      from: { path: '^voice/', pathNot: tests },
      to: { path: ['^api/http/', '^api/domains/'], pathNot: doors },
    },
    {
      name: 'api-does-not-know-voice',
      severity: 'error',
      comment: 'The API and the database run without a gateway, a console or a sandbox.',
      from: { path: '^(api|db)/', pathNot: tests },
      to: { path: '^(voice|web|sandbox)/' },
    },
    {
      name: 'database-knows-no-domain',
      severity: 'error',
      comment: 'db/ holds tables and transactions; of the API it may know the kernel.',
      from: { path: '^db/', pathNot: tests },
      to: { path: '^api/', pathNot: '^api/core/' },
    },
    {
      name: 'web-reads-contracts',
      severity: 'error',
      comment: 'A browser gets contracts, never server code.',
      from: { path: '^web/' },
      to: { path: '^(api|voice|db|sandbox)/', pathNot: contracts },
    },
    {
      name: 'features-do-not-meet',
      severity: 'error',
      comment: 'Screens of two domains are put together by a route in web/app/.',
      from: { path: '^web/features/([^/]+)/' },
      to: { path: '^web/(features|app)/', pathNot: '^web/features/$1/' },
    },
    {
      name: 'sandbox-stands-alone',
      severity: 'error',
      comment: 'Stand-ins that share code with what they stand in for would share its mistakes.',
      from: { path: '^sandbox/' },
      to: { path: '^(api|voice|web|db)/' },
    },
    {
      name: 'tests-are-not-imported',
      severity: 'error',
      comment: 'A test may use the product; the product does not use tests.',
      from: { path: '^(api|voice|db|web|sandbox)/', pathNot: tests },
      to: { path: ['\\.test\\.tsx?$', 'testing\\.tsx?$'] },
    },
    {
      name: 'nothing-unresolved',
      severity: 'error',
      comment: 'An import that does not resolve fails at run time, on somebody else’s machine.',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '\\.next/|next-env|/fixtures/|^scripts/.*\\.d\\.mts$' },
    // TypeScript 7 has no compiler API, so swc parses; type imports count as imports too.
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.mts', '.js', '.mjs', '.cjs', '.json', '.css'],
    },
  },
}
