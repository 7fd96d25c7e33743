import { BaseCommand, flag, noArgs } from '../src/cli/base-command'
import { choiceFlag } from '../src/cli/choice-flag'
import { PS_HEADERS, psFormat, psJson, psRow } from '../src/cli/ps-rows'
import { isJson, renderRows } from '../src/cli/report'
import { filterFlag, latestFlag } from '../src/cli/selection-flags'
import { TspodError } from '../src/errors'
import type { Engine, ListOptions } from '../src/libpod'

const SORTS = ['command', 'created', 'id', 'image', 'names', 'runningfor', 'size', 'status']

export default class Ps extends BaseCommand {
  static override aliases = ['container ps', 'container ls', 'container list']
  static override summary = 'List containers'
  static override description = 'Lists those that run, with --all the others too.'
  static override usage = 'ps [options]'
  static override examples = [
    'tspod ps --all --pod',
    'tspod ps --ns',
    "tspod ps --all --format '{{.Names}} {{.Status}}' --filter pod=web",
  ]
  static override arity = noArgs
  static override flags = {
    all: flag.bool('Those that do not run too', { char: 'a' }),
    external: flag.bool('Containers of other tools too; tspod knows of none', { aliases: ['storage'] }),
    ...filterFlag,
    format: flag.string('json, or a Go template for each container', { value: 'format' }),
    last: flag.int('So many of those created last, whatever their state', { char: 'n', value: 'number' }),
    ...latestFlag('container'),
    'no-trunc': flag.bool('Shorten nothing', { aliases: ['notruncate'] }),
    noheading: flag.bool('No line of headings'),
    ns: flag.bool('PID and namespaces', { aliases: ['namespace'] }),
    pod: flag.bool('Id and name of the pod', { char: 'p' }),
    quiet: flag.bool('Ids alone', { char: 'q' }),
    size: flag.bool('Size of what was written', { char: 's' }),
    sort: choiceFlag('Column to sort by', SORTS),
    sync: flag.bool('Look at the processes first, as tspod always does'),
    watch: flag.uint('Again every so many seconds', { char: 'w', value: 'seconds' }),
  }

  async run(): Promise<void> {
    const { flags, changed } = await this.parse(Ps)
    const { all, filter, latest, size, ns, sort } = flags
    check(flags)
    const last = flags.last !== undefined && flags.last >= 0 ? flags.last : undefined
    const options = { all, filter, latest, last, size, namespace: ns, sort }
    const engine = await this.engine
    if (isJson(flags.format ?? '')) {
      this.print(psJson(await engine.containers.list(options)))
      return
    }
    if (flags.quiet && !changed.has('format')) {
      for (const { Id } of await engine.containers.list(options))
        this.print(flags['no-trunc'] ? Id : Id.slice(0, 12))
      return
    }
    await this.#table(engine, options, flags)
  }

  async #table(engine: Engine, options: ListOptions, flags: TableFlags): Promise<void> {
    const format = psFormat(flags)
    for (;;) {
      const containers = await engine.containers.list(options)
      const rows = containers.map((container) => psRow(container, flags['no-trunc']))
      if (flags.watch) (await import('../src/cli/screen')).clearScreen()
      this.write(renderRows(format, rows, { name: 'ps', headers: PS_HEADERS, noHeading: flags.noheading }))
      if (!flags.watch) return
      await new Promise((resolve) => setTimeout(resolve, (flags.watch ?? 0) * 1000))
    }
  }
}

interface TableFlags {
  format?: string
  ns: boolean
  pod: boolean
  size: boolean
  noheading: boolean
  watch?: number
  'no-trunc': boolean
}

interface Conflicts {
  last?: number
  latest: boolean
  quiet: boolean
  size: boolean
  ns: boolean
  watch?: number
}

function check({ last = -1, latest, quiet, size, ns, watch = 0 }: Conflicts): void {
  const refuse = (message: string) => {
    throw new TspodError('usage', message)
  }
  if (last >= 0 && latest) refuse('last and latest are mutually exclusive')
  if (quiet && (size || ns)) refuse('quiet conflicts with size and namespace')
  if (size && ns) refuse('size and namespace options conflict')
  if (watch > 0 && latest) refuse('the watch and latest flags cannot be used together')
}
