import { arity, BaseCommand, flag } from '../src/cli/base-command'
import { quote } from '../src/cli/go-quote'
import { hostAddress } from '../src/cli/ports'
import { latestFlag, withoutSlash } from '../src/cli/selection-flags'
import { TspodError } from '../src/errors'
import type { PortResult } from '../src/libpod'

interface Wanted {
  port: number
  protocol: string
}

/** `80` or `80/udp`. */
function parseWanted(text: string): Wanted {
  const [number = '', protocol = 'tcp', ...more] = text.split('/')
  if (more.length > 0) throw new TspodError('usage', `port formats are port/protocol. '${text}' is invalid`)
  const problem = !/^\d+$/.test(number)
    ? 'invalid syntax'
    : Number(number) > 65535
      ? 'value out of range'
      : ''
  if (problem) throw new TspodError('usage', `strconv.ParseUint: parsing ${quote(number)}: ${problem}`)
  return { port: Number(number), protocol }
}

/** Every mapping of one container, `80/tcp -> 0.0.0.0:8080`. */
export const allLines = ({ ports }: PortResult): string[] =>
  ports.flatMap((port) =>
    Array.from({ length: Math.max(port.range, 1) }, (_, at) => {
      const inside = `${port.container_port + at}/${port.protocol}`
      return `${inside} -> ${hostAddress(port)}:${port.host_port + at}`
    }),
  )

/** Where one port of a container is reached, `0.0.0.0:8080`. */
export const wantedLines = ({ ports }: PortResult, { port, protocol }: Wanted): string[] =>
  ports
    .filter(
      (mapping) =>
        mapping.protocol === protocol &&
        mapping.container_port <= port &&
        port < mapping.container_port + Math.max(mapping.range, 1),
    )
    .map((mapping) => `${hostAddress(mapping)}:${mapping.host_port + port - mapping.container_port}`)

export default class Port extends BaseCommand {
  static override aliases = ['container port']
  static override summary = 'List the ports of a container that the host forwards'
  static override usage = 'port [options] CONTAINER [PORT]'
  static override examples = ['tspod port web', 'tspod port web 80/tcp', 'tspod port --all']
  static override flags = {
    all: flag.bool('All running containers', { char: 'a' }),
    ...latestFlag('container'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Port)
    const { all, latest } = flags
    if (all && (latest || argv.length > 0)) arity.checkAllLatest(argv, { all, latest })
    if (argv.length === 0 && !all && !latest)
      throw new TspodError('usage', 'you must supply a running container name or id')
    if (argv.length > 2) throw new TspodError('usage', '`port` accepts at most 2 arguments')
    const names = latest ? [] : withoutSlash(argv.slice(0, 1))
    const text = latest ? argv[0] : argv[1]
    const wanted = text ? parseWanted(text) : undefined
    const { containers } = await this.engine
    for (const result of await containers.port(names, { all, latest })) {
      const lines = wanted ? wantedLines(result, wanted) : allLines(result)
      if (wanted && lines.length === 0)
        throw new TspodError('not-found', `failed to find published port ${quote(text ?? '')}`)
      for (const line of lines) this.print(all ? `${result.id.slice(0, 12)}\t${line}` : line)
    }
  }
}
