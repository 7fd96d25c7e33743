/** A module that the build makes. */
declare module 'tspod:commands' {
  /** The command classes by name. */
  export const commands: Record<string, (() => unknown) | undefined>
}
