import { BaseCommand, flag } from '../src/cli/base-command'
import { parseDurationMs } from '../src/cli/go-duration'
import { quote } from '../src/cli/go-quote'
import { ValueError } from '../src/cli/go-values'
import { throwErrors } from '../src/cli/outcome'
import { latestFlag, withoutSlash } from '../src/cli/selection-flags'
import { TspodError } from '../src/errors'

/** A duration; a bare number counts milliseconds. */
function milliseconds(text: string): number {
  try {
    return parseDurationMs(/^[\d.]+$/.test(text) ? `${text}ms` : text)
  } catch (error) {
    if (error instanceof ValueError) throw new TspodError('usage', error.message)
    throw error
  }
}

export default class Wait extends BaseCommand {
  static override aliases = ['container wait']
  static override summary = 'Wait until containers stop, and print their exit codes'
  static override usage = 'wait [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod wait web', 'tspod wait --condition running web']
  static override flags = {
    condition: flag.stringSlice('State to wait for, in place of stopped', { value: 'state' }),
    'exit-first-match': flag.bool('Go as soon as one of the containers fits'),
    ignore: flag.bool('A container that is not there counts as ended, with -1'),
    interval: flag.string('Time between two looks', { char: 'i', value: 'duration', default: '250ms' }),
    ...latestFlag('container'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Wait)
    const { latest, condition, ignore } = flags
    const interval = milliseconds(flags.interval)
    if (!latest && argv.length === 0) {
      throw new TspodError('usage', `${quote(this.commandPath)} requires a name, id, or the "--latest" flag`)
    }
    if (latest && argv.length > 0) {
      throw new TspodError('usage', '--latest and containers cannot be used together')
    }
    const { containers } = await this.engine
    const { results, errors } = await containers.wait(withoutSlash(argv), {
      latest,
      condition,
      ignore,
      interval,
      exitFirstMatch: flags['exit-first-match'],
    })
    for (const { exitCode } of results) this.print(String(exitCode))
    throwErrors(errors)
  }
}
