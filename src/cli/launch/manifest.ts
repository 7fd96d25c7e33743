/** What the build knows of the commands: dist/fast.json, and in dist/launch.js. */
export interface Manifest {
  version: string
  /** Changes with any change of the bundles. */
  build: string
  /** Summaries by command, such as `pod create`. */
  commands: Record<string, string>
  /** Commands by their other names, such as `container run`. */
  aliases: Record<string, string>
  /** Commands that no help lists. */
  hidden: string[]
  /** What the topics are about. */
  topics?: Record<string, { description: string }>
}
