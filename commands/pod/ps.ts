import { BaseCommand, flag, noArgs } from '../../src/cli/base-command'
import { POD_HEADERS, podFormat, podJson, podRow } from '../../src/cli/pod-rows'
import { isJson, renderRows } from '../../src/cli/report'
import { filterFlag, latestFlag } from '../../src/cli/selection-flags'
import { TspodError } from '../../src/errors'

const SORTS = ['created', 'id', 'name', 'number', 'status']

export default class PodPs extends BaseCommand {
  static override aliases = ['pod ls', 'pod list']
  static override summary = 'List pods'
  static override usage = 'pod ps [options]'
  static override examples = [
    'tspod pod ps --ctr-names --ctr-status',
    "tspod pod ps --format '{{.Name}} {{.Status}}'",
  ]
  static override arity = noArgs
  static override flags = {
    'ctr-ids': flag.bool('Ids of the containers'),
    'ctr-names': flag.bool('Names of the containers'),
    'ctr-status': flag.bool('States of the containers'),
    ...filterFlag,
    format: flag.string('json, or a Go template for each pod', { value: 'format' }),
    ...latestFlag('pod'),
    'no-trunc': flag.bool('Shorten nothing', { aliases: ['notruncate'] }),
    noheading: flag.bool('No line of headings', { char: 'n' }),
    ns: flag.bool("The pod's cgroup", { aliases: ['namespace'] }),
    quiet: flag.bool('Ids alone', { char: 'q' }),
    sort: flag.string(`Column to sort by: ${SORTS.join(', ')}`, { value: 'column', default: 'created' }),
  }

  async run(): Promise<void> {
    const { flags, changed } = await this.parse(PodPs)
    const { filter, latest, sort, format, quiet } = flags
    const noTrunc = flags['no-trunc']
    if (quiet && format) throw new TspodError('usage', 'quiet and format cannot be used together')
    checkFilters(filter)
    if (!SORTS.includes(sort)) {
      const options = 'created, id, name, number, or status'
      throw new TspodError('usage', `invalid option for --sort, options are: ${options}`)
    }
    const { pods } = await this.engine
    const list = await pods.list({ filter, latest, sort })
    if (isJson(format ?? '')) return this.print(podJson(list))
    if (quiet) {
      for (const { Id } of list) this.print(Id)
      return
    }
    const rows = list.map((pod) => podRow(pod, noTrunc))
    const custom = changed.has('format') ? flags : { ...flags, format: undefined }
    const options = { name: 'ps', headers: POD_HEADERS, noHeading: flags.noheading }
    this.write(renderRows(podFormat(custom), rows, options))
  }
}

function checkFilters(given: readonly string[]): void {
  const wrong = given.find((text) => !text.includes('='))
  if (wrong !== undefined)
    throw new TspodError('usage', `filter input must be in the form of filter=value: ${wrong} is invalid`)
}
