import { commands } from 'tspod:commands'
import type { Config } from '@oclif/core'
import { TspodError } from '../../errors'
import type { BaseCommand } from '../base-command'
import { writeErr, writeOut } from '../output'
import { CommandExit, reportError } from '../report-error'
import { makeConfig } from './config'
import type { Manifest } from './manifest'
import { resolveTarget, type Target } from './resolve'

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
  const command = new (Ctor as unknown as Concrete)(target.argv, makeConfig(manifest))
  command.id = target.path
  await command.execute()
}

async function runTarget(target: Target, manifest: Manifest): Promise<void> {
  if (target.kind === 'command') return runCommand(target, manifest)
  if (target.kind === 'version') return writeOut(`tspod version ${manifest.version}\n`)
  const { topicHelp } = await import('../help')
  writeOut(topicHelp(target.topic, manifest, commandClass))
  if (target.kind === 'missing') {
    const path = target.topic ? `tspod ${target.topic}` : 'tspod'
    throw new TspodError('usage', `missing command '${path} COMMAND'`)
  }
}

/** Runs one command line and ends the process; `keep` saves the compiled code of a run that went well. */
export async function main(argv: string[], manifest: Manifest, keep: () => void): Promise<void> {
  process.once('beforeExit', complainAboutSilence)
  process.once('uncaughtException', (error) => process.exit(reportError(error)))
  try {
    await runTarget(await resolveTarget(argv, manifest), manifest)
    keep()
    process.exit(Number(process.exitCode) || 0)
  } catch (error) {
    const code = reportError(error)
    if (error instanceof CommandExit) keep()
    process.exit(code)
  }
}

/** Node ends when nothing is left to wait for, even in the middle of a command. */
function complainAboutSilence(): never {
  writeErr('Error: this is a bug in tspod, please report it: the command ended without a result\n')
  process.exit(OWN_FAILURE)
}
