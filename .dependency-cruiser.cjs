/**
 * Who may import whom: the house's walls, checked by `npm test`. ARCHITECTURE.md says why they stand where they do.
 * Tests may reach anywhere; nothing may reach a test.
 */
const TEST = '(\\.test\\.tsx?$|^test/)'
/** All of ours. */
const OURS = '^(electron|renderer|shared|test)/'

/** `from` may import, of ours, only what lies in `allowed`. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: TEST },
  to: { path: OURS, pathNot: allowed },
})

/** The files of the window: what Electron alone can run. */
const WINDOW = '^electron/(main|window|menu|preload|desktop|scheme|lockdown|ports|electron-backend)\\.ts$'

module.exports = {
  forbidden: [
    only('domain-is-pure', '^shared/domain/', ['^shared/domain/'], 'The domain knows nothing of ours.'),
    {
      name: 'domain-without-platform',
      comment: 'The domain runs in the page as well as in the backend: no module of Node, no Electron.',
      severity: 'error',
      from: { path: '^shared/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    only('contract-on-domain', '^shared/contract/', ['^shared/(contract|domain)/'], 'The contract knows the domain.'),
    only(
      'library-on-domain',
      '^electron/library/',
      ['^electron/library/', '^electron/sqlite\\.ts$', '^shared/domain/'],
      'SQL knows the domain.',
    ),
    only(
      'interchange-on-domain',
      '^electron/interchange/',
      ['^electron/interchange/', '^electron/safe-folder\\.ts$', '^shared/domain/'],
      'Readers and writers of foreign formats know the domain.',
    ),
    only(
      'registry-on-domain',
      '^electron/registry/',
      ['^electron/registry/', '^electron/sqlite\\.ts$', '^shared/domain/'],
      'The remote side knows the domain; the local side knows it by its interface alone.',
    ),
    {
      ...only(
        'sync-on-library',
        '^electron/sync/',
        ['^electron/(sync|library)/', '^electron/secrets\\.ts$', '^shared/'],
        'The engine knows the library, and the other side by remote.ts, which alone knows the registry’s types.',
      ),
      from: { path: '^electron/sync/', pathNot: [TEST, '^electron/sync/remote\\.ts$'] },
    },
    {
      name: 'remote-is-types',
      comment: 'The interface to the other side is made of types; who implements it is passed in.',
      severity: 'error',
      from: { path: '^electron/sync/remote\\.ts$' },
      to: { dependencyTypesNot: ['type-only'] },
    },
    only(
      'benchmark-on-shared',
      '^electron/benchmark/',
      ['^electron/benchmark/', '^electron/safe-folder\\.ts$', '^shared/'],
      'The benchmark engine asks, grades and runs; where anything is stored is passed in.',
    ),
    only(
      'services-below',
      '^electron/services/',
      ['^electron/(services|library|interchange)/', '^electron/(sync|benchmark)/control\\.ts$', '^electron/secrets\\.ts$', '^shared/'],
      'A service gets the rest passed in.',
    ),
    only('page-on-shared', '^renderer/', ['^renderer/', '^shared/'], 'The page reaches the backend by the port alone.'),
    {
      name: 'page-without-node',
      comment: 'The page runs in a sandbox: there is no Node in it.',
      severity: 'error',
      from: { path: '^renderer/', pathNot: TEST },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'features-apart',
      comment:
        'A feature knows its own folder, ui/, editor/ and the files beside the folders; app.tsx joins the features, and a skill’s page its tabs.',
      severity: 'error',
      from: { path: '^renderer/([^/]+)/', pathNot: [TEST, '^renderer/skills/page/'] },
      to: { path: '^renderer/[^/]+/', pathNot: ['^renderer/$1/', '^renderer/(ui|editor)/'] },
    },
    {
      name: 'parts-below-features',
      comment: 'What several features use knows none of them.',
      severity: 'error',
      from: { path: '^renderer/(ui|editor)/', pathNot: TEST },
      to: { path: '^renderer/(?!ui/|editor/)[^/]+/' },
    },
    {
      name: 'electron-in-its-place',
      comment: 'The backend runs in plain Node as well; only the window’s own files know Electron.',
      severity: 'error',
      from: { path: OURS, pathNot: [WINDOW, TEST] },
      to: { path: '(^|node_modules/)electron(/|$)', dependencyTypes: ['npm', 'npm-dev', 'npm-no-pkg'] },
    },
    {
      name: 'window-files-by-main',
      comment: 'What imports Electron at run time is imported by main alone, and by its like.',
      severity: 'error',
      from: { path: OURS, pathNot: WINDOW },
      to: { path: WINDOW },
    },
    {
      name: 'entries-are-ends',
      comment: 'An entry starts a process; nobody imports it.',
      severity: 'error',
      from: { path: OURS, pathNot: '^electron/entry/' },
      to: { path: '^electron/entry/(?!options)' },
    },
    {
      name: 'nothing-on-tests',
      comment: 'What ships does not know its tests.',
      severity: 'error',
      from: { path: OURS, pathNot: TEST },
      to: { path: TEST },
    },
    {
      name: 'no-cycle',
      comment: 'Two files that need each other are one file, or three.',
      severity: 'error',
      from: { path: OURS, pathNot: TEST },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'shipped-dependencies',
      comment: 'What runs outside the page is not bundled: it must be among the dependencies that are installed.',
      severity: 'error',
      from: {
        path: '^electron/',
        pathNot: [TEST, '^electron/(browser/development|entry/dev)\\.ts$'],
      },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'], pathNot: '(^|/)node_modules/electron/' },
    },
    {
      name: 'resolvable',
      comment: 'Every import leads somewhere that package.json names.',
      severity: 'error',
      from: { path: OURS },
      to: { couldNotResolve: true, pathNot: '\\.(css|module\\.css)$' },
    },
    {
      name: 'named-dependencies',
      comment: 'A package that is here by chance may be gone tomorrow.',
      severity: 'error',
      from: { path: OURS },
      to: { dependencyTypes: ['npm-no-pkg', 'npm-unknown'] },
    },
  ],
  options: {
    parser: 'swc',
    // Tests are ends, not read further: the parser does not know all that they are written in.
    doNotFollow: { path: ['node_modules', '\\.test\\.tsx?$', '^test/'] },
    exclude: { path: '^(out|electron/sample)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
}
