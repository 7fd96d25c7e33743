import { existsSync, readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** Folders with commands: tspod's own, and those of the plugins that ship with it. */
function commandFolders() {
  const plugins = existsSync('plugins') ? readdirSync('plugins') : []
  return ['commands', ...plugins.map((name) => join('plugins', name, 'commands'))].filter((folder) =>
    existsSync(folder),
  )
}

/** Every command's file by its name: `commands/pod/create.ts` is `pod create`. */
export function findCommands() {
  const found = {}
  for (const folder of commandFolders()) {
    for (const file of readdirSync(folder, { recursive: true }).sort()) {
      if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.endsWith('.d.ts')) continue
      found[file.slice(0, -'.ts'.length).split('/').join(' ')] = join(folder, file)
    }
  }
  return found
}

/** The module `tspod:commands`: each command's class behind a function, so that one command loads one class. */
export const commandModules = (commands) => ({
  name: 'command-modules',
  setup(build) {
    build.onResolve({ filter: /^tspod:commands$/ }, ({ path }) => ({ path, namespace: 'commands' }))
    build.onLoad({ filter: /.*/, namespace: 'commands' }, () => ({
      contents: `export const commands = {\n${Object.entries(commands)
        .map(
          ([name, file]) =>
            `${JSON.stringify(name)}: () => require(${JSON.stringify(resolve(file))}).default,`,
        )
        .join('\n')}\n}`,
      resolveDir: process.cwd(),
    }))
  },
})
