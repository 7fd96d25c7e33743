/** Modules that the build makes. */
declare module 'tspod:commands' {
  /** The command classes by name. */
  export const commands: Record<string, (() => unknown) | undefined>
}

declare module 'tspod:engine' {
  /** A module of the engine by its source file. */
  export const engine: (source: string) => unknown
}
