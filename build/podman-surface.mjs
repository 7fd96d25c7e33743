// Turns the tables of Podman's commands and options into the compact file that tspod's error path reads.
// Run by hand when the tables change: node build/podman-surface.mjs FOLDER_WITH_THE_TABLES
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
if (!folder) throw new Error('usage: node build/podman-surface.mjs FOLDER')
const rows = (name) =>
  readFileSync(join(folder, name), 'utf8')
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split('\t'))
const withoutPodman = (command) => command.replace(/^podman ?/, '')

const options = {}
for (const [command] of rows('cli-commands.tsv')) options[withoutPodman(command)] = []
for (const [command, option, short] of rows('cli-surface.tsv')) {
  const name = withoutPodman(command)
  options[name] = [...(options[name] ?? []), option, ...(short ? [short] : [])]
}

// one manual page may describe a command under several names
const topics = new Set(
  Object.keys(options).flatMap((name) => (name.includes(' ') ? [name.replace(/ \S+$/, '')] : [])),
)
function pathOf(usage) {
  const words = usage.replace(/^podman /, '').split(/[ |[]+/)
  let depth = 1
  while (topics.has(words.slice(0, depth).join(' ')) && words[depth]) depth += 1
  return words.slice(0, depth).join(' ')
}
const aliases = {}
for (const [command, , usage] of rows('cli-commands.tsv')) {
  for (const form of (usage ?? '').split(' ; ')) {
    const path = pathOf(form)
    if (path && !path.endsWith(' subcommand') && !path.startsWith('podman') && !(path in options))
      aliases[path] = withoutPodman(command)
  }
}

const compact = Object.fromEntries(
  Object.entries(options).map(([name, list]) => [name, [...new Set(list)].join(' ')]),
)
writeFileSync('src/cli/podman-surface.json', `${JSON.stringify({ options: compact, aliases })}\n`)
