import type { BaseCommand } from './base-command'

export function commandHelp(ctor: typeof BaseCommand, path: string): string {
  return `${ctor.summary ?? ''}\n\nUsage:\n  ${path}\n`
}
