import type { BaseCommand } from '../../../src/cli/base-command'
import { makeConfig } from '../../../src/cli/launch/config'
import type { Engine } from '../../../src/libpod'

type CommandClass = new (argv: string[], config: never) => BaseCommand

const config = makeConfig({ version: '1.2.3', build: 'x', commands: {}, aliases: {}, hidden: [] })

type Parts = { [Name in 'containers' | 'pods' | 'images']?: Partial<Engine[Name]> }

export interface Ran {
  stdout: string
  stderr: string
  /** What the command threw. */
  error: (Error & { exitCode?: number; errors?: Error[] }) | undefined
  /** What it asked the process to end with. */
  exitCode: number | string | undefined
}

/** Runs a command over an engine that is made up. */
export async function runCommand(Command: CommandClass, argv: string[], engine: Parts = {}): Promise<Ran> {
  const ran: Ran = { stdout: '', stderr: '', error: undefined, exitCode: undefined }
  const command = new Command(argv, config as never)
  Object.defineProperty(command, 'engine', { value: Promise.resolve(engine) })
  Object.defineProperty(command, 'write', {
    value: (data: string | Uint8Array) => {
      ran.stdout += data.toString()
    },
  })
  command.print = (line = '') => command.write(`${line}\n`)
  command.logToStderr = (message = '') => {
    ran.stderr += `${message}\n`
  }
  const before = process.exitCode
  process.exitCode = undefined
  await command.run().catch((error) => {
    ran.error = error
  })
  ran.exitCode = process.exitCode ?? undefined
  process.exitCode = before
  return ran
}
