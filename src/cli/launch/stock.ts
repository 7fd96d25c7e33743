import { commands } from 'tspod:commands'
import { Help } from '../help'

/** What package.json shows stock oclif, as dist/commands.js: the commands under oclif's names, and the help. */
export function stockModule(): { commands: Record<string, unknown>; Help: typeof Help } {
  const byId: Record<string, unknown> = {}
  for (const [name, load] of Object.entries(commands)) {
    Object.defineProperty(byId, name.replaceAll(' ', ':'), { enumerable: true, get: load })
  }
  return { commands: byId, Help }
}
