import { existsSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Config as OclifConfig } from '@oclif/core'
import { Config } from '@oclif/core/config'
import { normalizeArgv } from '@oclif/core/help'
import { run } from '@oclif/core/run'
import { settings } from '@oclif/core/settings'
import { TspodError } from '../../errors'
import { exitCodeOf, inOurWords } from '../oclif-error'

const BROKEN_PIPE = 141
const OTHERS_MAY_WRITE = 0o022

const root = (): string => join(__dirname, '..')

/** Where oclif keeps the list of a user's own plugins. */
function userPluginList(): string {
  const { TSPOD_DATA_DIR, XDG_DATA_HOME, HOME } = process.env
  const folder = TSPOD_DATA_DIR || join(XDG_DATA_HOME || join(HOME || homedir(), '.local/share'), 'tspod')
  return join(folder, 'package.json')
}

/** A list that someone else can write to is none: what it names runs as this user. */
function hasUserPlugins(): boolean {
  const list = statSync(userPluginList(), { throwIfNoEntry: false })
  return list?.uid === process.geteuid?.() && list !== undefined && (list.mode & OTHERS_MAY_WRITE) === 0
}

function hasCorePlugins(): boolean {
  const file = join(root(), 'package.json')
  if (!existsSync(file)) return false
  const { oclif } = JSON.parse(readFileSync(file, 'utf8')) as {
    oclif?: { plugins?: string[] }
  }
  return (oclif?.plugins?.length ?? 0) > 0
}

/** Whether oclif might know more commands than the build has found; asking it takes 0.2 s. */
export const mayHavePlugins = (): boolean => hasUserPlugins() || hasCorePlugins()

/** oclif's real Config, over the package and its plugins. */
export async function loadPlugins(): Promise<OclifConfig> {
  settings.enableAutoTranspile = false
  const config = await Config.load({ root: root(), userPlugins: hasUserPlugins(), devPlugins: false })
  return config as OclifConfig
}

/** Runs a plugin's command the stock way, or shows the help of its topic; false if no plugin has it. */
export async function runPlugin(words: readonly string[], flags: readonly string[]): Promise<boolean> {
  const config = await loadPlugins()
  const [id = '', ...rest] = normalizeArgv(config, [...words])
  if (!config.commandIDs.some((name) => name === id || name.startsWith(`${id}:`))) return false
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(BROKEN_PIPE)
    throw error
  })
  try {
    await run([id, ...flags, ...rest], config)
  } catch (error) {
    throw explain(error, `${config.bin} ${id.replaceAll(':', ' ')}`)
  }
  return true
}

/** A plugin has no TspodError: any error is its message to the user. */
function explain(error: unknown, commandPath: string): unknown {
  if (exitCodeOf(error) !== undefined) return error
  // oclif has set it to 1
  process.exitCode = undefined
  const said = inOurWords(error, commandPath)
  if (said instanceof TspodError || !(said instanceof Error)) return said
  return new TspodError('system', said.message, {}, said)
}
