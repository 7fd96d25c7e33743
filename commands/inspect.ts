import { BaseCommand, flag } from '../src/cli/base-command'
import { quote } from '../src/cli/go-quote'
import {
  inspectAny,
  inspectContainers,
  inspectFormatFlag,
  inspectImages,
  inspectPods,
  printInspected,
} from '../src/cli/inspect'
import { latestFlag } from '../src/cli/selection-flags'
import { TspodError } from '../src/errors'

const KINDS = { image: inspectImages, container: inspectContainers, pod: inspectPods, all: inspectAny }
const NOT_YET = ['network', 'volume', 'artifact']

function kindOf(type: string): keyof typeof KINDS {
  if (Object.hasOwn(KINDS, type)) return type as keyof typeof KINDS
  if (NOT_YET.includes(type))
    throw new TspodError('unsupported', `--type=${type} is not supported by tspod yet`)
  const known = ['image', 'container', 'pod', 'network', 'volume', 'artifact'].map(quote).join(', ')
  throw new TspodError('usage', `invalid type ${quote(type)}: must be ${known}, or "all"`)
}

export default class Inspect extends BaseCommand {
  static override summary = 'Show all that is known of containers, images and pods'
  static override usage = 'inspect [options] {CONTAINER|IMAGE|POD} [...]'
  static override examples = [
    'tspod inspect web',
    "tspod inspect --format '{{.State.Pid}}' web",
    'tspod inspect --type image httpd',
  ]
  static override flags = {
    ...inspectFormatFlag,
    ...latestFlag('container'),
    size: flag.bool('Measure the files too', { char: 's' }),
    type: flag.string('Kind of object: container, image, pod, all', {
      char: 't',
      value: 'type',
      default: 'all',
    }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Inspect)
    const { latest, size, type, format } = flags
    const refuse = (message: string) => {
      throw new TspodError('usage', message)
    }
    if (latest && type === 'image') refuse('latest is not supported for type "image"')
    if (size && (type === 'image' || type === 'pod')) refuse(`size is not supported for type ${quote(type)}`)
    if (argv.length === 0 && !latest) refuse('no names or ids specified')
    if (argv.length > 0 && latest) refuse('--latest and arguments cannot be used together')
    const kind = kindOf(type)
    const inspect = latest && kind === 'all' ? inspectContainers : KINDS[kind]
    printInspected(this, await inspect(await this.engine, argv, { latest, size }), format)
  }
}
