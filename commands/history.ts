import { BaseCommand, exactArgs, flag } from '../src/cli/base-command'
import { HISTORY_FORMAT, HISTORY_HEADERS, historyJson, historyRow } from '../src/cli/image-rows'
import { isJson, renderRows } from '../src/cli/report'

export default class History extends BaseCommand {
  static override aliases = ['image history']
  static override summary = 'Show how an image came to be, newest first'
  static override usage = 'history [options] IMAGE'
  static override examples = ['tspod history web', 'tspod history --no-trunc --human=false web']
  static override arity = exactArgs(1)
  static override flags = {
    format: flag.string('json, or a Go template for each row', { value: 'format' }),
    human: flag.bool('Sizes and ages for people', { char: 'H', default: true }),
    'no-trunc': flag.bool('Shorten nothing', { aliases: ['notruncate'] }),
    quiet: flag.bool('Ids alone', { char: 'q' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(History)
    const [name = ''] = argv
    const { images } = await this.engine
    const history = await images.history(name)
    if (isJson(flags.format ?? '')) return this.print(historyJson(history))
    const asked = { human: flags.human, noTrunc: flags['no-trunc'] }
    const format = flags.quiet ? '{{.ID}}' : (flags.format ?? HISTORY_FORMAT)
    const rows = history.map((row) => historyRow(row, asked))
    this.write(renderRows(format, rows, { name: 'history', headers: HISTORY_HEADERS }))
  }
}
