import surface from './podman-surface.json'

const options: Record<string, string | undefined> = surface.options
const aliases: Record<string, string | undefined> = surface.aliases

/** Options that Podman takes but keeps out of its manual pages. */
const HIDDEN_GLOBALS = [
  '--context',
  '--host',
  '-H',
  '--debug',
  '-D',
  '--noout',
  '--namespace',
  '--max-workers',
]

const has = (command: string, flag: string): boolean => options[command]?.split(' ').includes(flag) ?? false

/** Whether Podman's command takes the flag (`--foo` or `-f`). */
export function isPodmanFlag(command: string, flag: string): boolean {
  return has(aliases[command] ?? command, flag) || isPodmanGlobal(flag)
}

/** Whether Podman takes the flag before a command's name. */
export const isPodmanGlobal = (flag: string): boolean => has('', flag) || HIDDEN_GLOBALS.includes(flag)

/** The longest command of Podman's that the words begin with; undefined if there is none. */
export function findPodmanCommand(words: readonly string[]): string | undefined {
  for (let count = words.length; count > 0; count--) {
    const command = words.slice(0, count).join(' ')
    if (command in options || command in aliases) return command
  }
  return undefined
}
