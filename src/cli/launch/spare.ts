import { waitAsSpare } from '../../libpod/spare'
import { ending } from '../ending'

/** These read from the terminal or stay on it: they belong into its session, and stop with it. */
const STAYS =
  /^(?:(?:container )?(?:run|exec|attach|start|logs|wait|stats)|pod (?:logs|stats|top)|events|system (?:events|reset)|login|.*prune|import|image import|load|image load|build|image build)$/

/** It becomes another program, which would give nothing back. */
const BECOMES = 'unshare'

export interface SpareOptions {
  /** The package's folder. */
  home: string
  /** The name of a command line's command. */
  purposeOf(args: readonly string[]): string
}

/** The command line that a later launcher hands over; ends the process where none comes. */
export function awaitCommand({ home, purposeOf }: SpareOptions): string[] {
  const files = { launcher: `${home}/bin/tspod`, main: `${home}/dist/launch.js` }
  const taken = waitAsSpare({
    files,
    accepts: (args, onTerminal) => {
      const name = purposeOf(args)
      return name !== BECOMES && !(onTerminal && STAYS.test(name))
    },
  })
  if (!taken) process.exit(0)
  const { kernel, command } = taken
  process.argv = [process.execPath, files.launcher, ...command.args]
  ending.handOver(kernel, command)
  return command.args
}
