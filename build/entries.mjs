/**
 * The processes tspod starts beside the command itself. Each becomes `dist/NAME.js`, to be run as `node dist/NAME.js`.
 * What such an entry loads by `import()` from the engine's folders stays out of its bundle and comes from engine.js,
 * so that the process stays small until it needs it.
 */
export const entries = [
  { name: 'monitor', source: 'src/libpod/monitor-entry.ts' },
  { name: 'rootless', source: 'src/libpod/rootless-entry.ts' },
]

/** The folders that `import()` of an inner entry takes from engine.js. */
export const engineFolders = [
  'src/libpod/',
  'src/image/',
  'src/network/',
  'src/specgen/',
  'src/state/',
  'src/runtime/init/',
]
