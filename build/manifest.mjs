import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'

/** A name for this build: the code cache of another one must not be used. */
function buildHash() {
  const hash = createHash('sha256')
  for (const file of readdirSync('dist').sort()) {
    if (file.endsWith('.js')) hash.update(readFileSync(`dist/${file}`))
  }
  return hash.digest('hex').slice(0, 16)
}

/** Writes fast.json from what the command classes of the bundle say of themselves. */
export function writeManifest() {
  const require = createRequire(resolve('dist/'))
  const { commands } = require(resolve('dist/launch.js')).load('cli')
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
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  writeFileSync(
    'dist/fast.json',
    JSON.stringify({ version, build: buildHash(), commands: summaries, aliases, hidden }),
  )
}
