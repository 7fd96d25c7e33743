import { commands } from 'tspod:commands'
import type { Config } from '@oclif/core'
import type { Command } from '@oclif/core/command'
import { TspodError } from '../../errors'
import type { BaseCommand } from '../base-command'
import { ending } from '../ending'
import { exitCodeOf } from '../oclif-error'
import { writeErr, writeOut } from '../output'
import { CommandExit, reportError } from '../report-error'
import { makeConfig, makeHelpConfig } from './config'
import type { Manifest } from './manifest'
import { loadPlugins, mayHavePlugins, runPlugin } from './plugins'
import { resolveTarget, type Target, UnknownCommand } from './resolve'

export { awaitCommand } from './spare'
export { stockModule } from './stock'
export { commands }

type CommandClass = typeof BaseCommand
type Concrete = new (argv: string[], config: Config) => BaseCommand

const OWN_FAILURE = 125

function commandClass(id: string): CommandClass {
  const Ctor = commands[id]?.() as CommandClass | undefined
  if (!Ctor) throw new TspodError('damaged', `this installation has no command ${id}`)
  Ctor.id = id
  return Ctor
}

async function runCommand(target: Extract<Target, { kind: 'command' }>, manifest: Manifest): Promise<void> {
  const Ctor = commandClass(target.id)
  ending.command = target.id
  const command = new (Ctor as unknown as Concrete)(target.argv, makeConfig(manifest))
  command.id = target.path
  await command.execute()
}

async function showHelp(topic: string, manifest: Manifest): Promise<void> {
  const { Help } = await import('../help')
  const load = commandClass as unknown as (name: string) => Command.Class
  const config = mayHavePlugins() ? await loadPlugins() : makeHelpConfig(manifest, load)
  await new Help(config).showHelp(topic.split(' '))
}

async function runTarget(target: Target, manifest: Manifest): Promise<void> {
  if (target.kind === 'command') return runCommand(target, manifest)
  if (target.kind === 'version') return writeOut(`tspod version ${manifest.version}\n`)
  await showHelp(target.topic, manifest)
  if (target.kind === 'missing') {
    const path = target.topic ? `tspod ${target.topic}` : 'tspod'
    throw new TspodError('usage', `missing command '${path} COMMAND'`)
  }
}

/** A command that the build has not found may be a plugin's. */
async function runLine(argv: string[], manifest: Manifest): Promise<void> {
  let target: Target
  try {
    target = await resolveTarget(argv, manifest)
  } catch (error) {
    if (!(error instanceof UnknownCommand) || !mayHavePlugins()) throw error
    if (await runPlugin(error.words, error.flags)) return
    throw error
  }
  await runTarget(target, manifest)
}

/** Runs one command line and ends the process; `keep` saves the compiled code of a run that went well. */
export async function main(argv: string[], manifest: Manifest, keep: () => void): Promise<void> {
  process.once('beforeExit', complainAboutSilence)
  process.once('uncaughtException', (error) => process.exit(reportError(error)))
  try {
    await runLine(argv, manifest)
    ending.keepBy(keep)
    process.exit(Number(process.exitCode) || 0)
  } catch (error) {
    // oclif's `handle` would do no more with an exit, and takes 12 ms
    const code = exitCodeOf(error) ?? reportError(error)
    if (error instanceof CommandExit && error.cause === undefined) ending.keepBy(keep)
    process.exit(code)
  }
}

/** Node ends when nothing is left to wait for, even in the middle of a command. */
function complainAboutSilence(): never {
  writeErr('Error: this is a bug in tspod, please report it: the command ended without a result\n')
  process.exit(OWN_FAILURE)
}
