/** dist/keep.js: keeps for the next run what one needed of a bundle. Most runs find it kept, and load none of this. */
import { writeFileSync } from 'node:fs'
import type { LoadedBundle } from './bundles'
import { type CacheKey, cacheFolder, commandsFile, keptCommands } from './code-cache'
import { writeCache } from './code-cache-write'
import { HEAD, writeShort } from './short-text'

/** A module in the text of a bundle: its name, and where the expression that defines it begins and ends. */
type Part = readonly [name: string, start: number, end: number]

/** build/parts.mjs writes it as the last line. */
const PARTS = '//parts:'

const placeholder = (name: string): string => `__later(${JSON.stringify(name)})`

/** The wrapped text of a bundle without the modules that are not wanted. Lines keep their numbers, for stacks. */
export function shorten(whole: string, isWanted: (name: string) => boolean): string {
  const [, listed = '[]'] = whole.slice(whole.lastIndexOf(PARTS)).split(PARTS)
  const parts = JSON.parse(listed.slice(0, listed.lastIndexOf(']') + 1)) as Part[]
  let text = ''
  let at = 0
  for (const [name, start, end] of parts) {
    if (isWanted(name)) continue
    const lines = whole.slice(HEAD.length + start, HEAD.length + end).split('\n').length - 1
    text += whole.slice(at, HEAD.length + start) + placeholder(name) + '\n'.repeat(lines)
    at = HEAD.length + end
  }
  return text + whole.slice(at, whole.lastIndexOf(PARTS)) + whole.slice(whole.lastIndexOf('\n})'))
}

/**
 * First the text of what has run is kept, and its compiled code when that text has run. A module that was missed is
 * added to what was there before. `command` is what ran where the bundle serves several.
 */
export function keep(bundle: LoadedBundle, command?: string): void {
  const { key, before, modules, compiled, stamp } = bundle
  const hasCode = before !== undefined && !modules.missed
  if (hasCode) writeCache(key, stamp, writeShort({ text: before.text, code: compiled() }))
  else keepText(bundle)
  if (command !== undefined) noteCommand(key, hasCode ? command : undefined)
}

// A text without code has that of no command.
function noteCommand(key: CacheKey, command: string | undefined): void {
  const folder = cacheFolder(key)
  const commands = command === undefined ? [] : [...keptCommands(folder, key.purpose), command]
  writeFileSync(commandsFile(folder, key.purpose), commands.join('\n'), { mode: 0o600 })
}

function keepText({ key, stamp, before, modules, readWhole }: LoadedBundle): void {
  const hadBefore = (name: string) => before !== undefined && !before.text.includes(placeholder(name))
  const text = shorten(readWhole(), (name) => modules.ran.has(name) || hadBefore(name))
  writeCache(key, stamp, writeShort({ text, code: undefined }))
}
