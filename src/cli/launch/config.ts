import type { Config } from '@oclif/core'
import type { Manifest } from './manifest'

/**
 * What oclif's Command asks of its Config. The real one searches the disk for plugins, themes and manifests; tspod's
 * build has already found what there is.
 */
export function makeConfig(manifest: Manifest): Config {
  const config = {
    bin: 'tspod',
    name: 'tspod',
    version: manifest.version,
    root: __dirname,
    topicSeparator: ' ',
    scopedEnvVarKeys: (): string[] => [],
    scopedEnvVar: (): undefined => undefined,
    runHook: async () => ({ successes: [], failures: [] }),
  }
  return config as unknown as Config
}
