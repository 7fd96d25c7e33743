import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join, resolve } from 'node:path'

/** A name for this build: the code cache of another one must not be used. */
function buildHash(out) {
  const hash = createHash('sha256')
  for (const file of readdirSync(out).sort()) {
    if (file.endsWith('.js')) hash.update(readFileSync(join(out, file)))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Writes fast.json from what the command classes of the bundle say of themselves, and returns its text. */
export function writeManifest(out) {
  const require = createRequire(resolve(out, 'launch.js'))
  const { commands } = require('./launch.js').load('cli')
  const summaries = {}
  const aliases = {}
  const hidden = []
  for (const [name, load] of Object.entries(commands)) {
    const command = load()
    if (typeof command?.prototype?.run !== 'function')
      throw new Error(`${name} exports no command class by default`)
    summaries[name] = command.summary ?? ''
    if (command.hidden) hidden.push(name)
    for (const alias of command.aliases ?? []) {
      if (alias in commands || alias in aliases) throw new Error(`two commands are called "${alias}"`)
      aliases[alias] = name
    }
  }
  const { version, oclif } = JSON.parse(readFileSync('package.json', 'utf8'))
  const text = JSON.stringify({
    version,
    build: buildHash(out),
    commands: summaries,
    aliases,
    hidden,
    topics: oclif.topics,
  })
  writeFileSync(join(out, 'fast.json'), text)
  return text
}
