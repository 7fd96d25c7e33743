// The arrows of docs/architecture.md: each folder may import only what stands below it.
const below = {
  'src/errors': [],
  'src/kernel': ['src/errors'],
  'src/state': ['src/errors', 'src/kernel'],
  'src/specgen': ['src/errors', 'src/state/.*types'],
  'src/image': ['src/errors', 'src/kernel', 'src/state'],
  'src/network': ['src/errors', 'src/kernel', 'src/state'],
  'src/runtime': ['src/errors', 'src/kernel', 'src/state', 'src/specgen/.*types'],
  'src/libpod': [
    'src/errors',
    'src/kernel',
    'src/state',
    'src/specgen',
    'src/image',
    'src/network',
    'src/runtime',
  ],
  'src/cli': ['src/errors', 'src/libpod'],
  commands: ['src/errors', 'src/cli', 'src/libpod'],
  plugins: ['src/errors', 'src/cli', 'src/libpod/index'],
}

const direction = Object.entries(below).map(([folder, allowed]) => ({
  name: `from-${folder.replaceAll('/', '-')}`,
  severity: 'error',
  from: { path: `^${folder}` },
  to: { path: '^(src|commands|plugins)/', pathNot: [`^${folder}`, ...allowed.map((name) => `^${name}`)] },
}))

module.exports = {
  forbidden: [
    {
      name: 'no-cycles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'koffi-in-kernel-only',
      severity: 'error',
      from: { pathNot: '^src/kernel' },
      to: { path: 'koffi' },
    },
    ...direction,
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
  },
}
