import type { ListContainer } from '../libpod'
import { toJson } from './go-json'
import { FineDate } from './go-time'
import { labelsText } from './labels'
import { portsText } from './ports'
import { asMap, asStruct } from './template'
import { humanDuration, humanSizeWithPrecision } from './units'

const SHORT_ID = 12
const SHORT_COMMAND = 17
/** Bytes of UTF-8 for one unit of UTF-16. */
const LONGEST_CHARACTER = 3
const SIZE_DIGITS = 3

export const PS_HEADERS = {
  Cgroup: 'cgroupns',
  CreatedHuman: 'created',
  ID: 'container id',
  IPC: 'ipc',
  MNT: 'mnt',
  NET: 'net',
  Networks: 'networks',
  PIDNS: 'pidns',
  Pod: 'pod id',
  PodName: 'podname',
  Restarts: 'restarts',
  RunningFor: 'running for',
  UTS: 'uts',
  User: 'userns',
}

const DEFAULT_COLUMNS = ['ID', 'Image', 'Command', 'CreatedHuman', 'Status', 'Ports', 'Names']
const NAMESPACE_COLUMNS = ['ID', 'Names', 'Pid', 'Cgroup', 'IPC', 'MNT', 'NET', 'PIDNS', 'User', 'UTS']

interface Asked {
  format?: string
  ns: boolean
  pod: boolean
  size: boolean
}

/** The user's template, or the table that `ps` prints of its own. */
export function psFormat({ format, ns, pod, size }: Asked): string {
  if (format !== undefined) return format.replaceAll('.Namespaces.', '.')
  const columns = ns ? [...NAMESPACE_COLUMNS] : [...DEFAULT_COLUMNS]
  if (pod && !ns) columns.push('Pod', 'PodName')
  if (size && !ns) columns.push('Size')
  return `table ${columns.map((column) => `{{.${column}}}`).join('\t')}`
}

const ago = (since: number, now: number): string => `${humanDuration(now - since)} ago`

const titleCase = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

function stateText(container: ListContainer, now: number): string {
  switch (container.State) {
    case 'running':
      return `Up ${humanDuration(now - container.StartedAt * 1000)}`
    case 'exited':
    case 'stopped':
      return `Exited (${container.ExitCode}) ${ago(container.ExitedAt * 1000, now)}`
    default:
      return titleCase(container.State)
  }
}

function sizeText(size: ListContainer['Size']): string {
  if (!size) return ''
  const human = (bytes: number) => humanSizeWithPrecision(bytes, SIZE_DIGITS)
  return `${human(size.rwSize)} (virtual ${human(size.rootFsSize)})`
}

function commandText(words: readonly string[] | null, noTrunc: boolean): string {
  const command = (words ?? []).join(' ')
  if (noTrunc || command.length * LONGEST_CHARACTER <= SHORT_COMMAND) return command
  const bytes = Buffer.from(command)
  if (bytes.length <= SHORT_COMMAND) return command
  return `${bytes.subarray(0, SHORT_COMMAND)}...`
}

/** A container as `--format` sees it: what Podman calls psReporter. */
export function psRow(container: ListContainer, noTrunc: boolean, now = Date.now()): object {
  const short = (id: string) => (noTrunc ? id : id.slice(0, SHORT_ID))
  const created = new FineDate(container.Created)
  const createdHuman = ago(created.getTime(), now)
  const { Namespaces: spaces } = container
  const namespaces = {
    Cgroup: spaces.Cgroup ?? '',
    IPC: spaces.Ipc ?? '',
    MNT: spaces.Mnt ?? '',
    NET: spaces.Net ?? '',
    PIDNS: spaces.Pidns ?? '',
    User: spaces.User ?? '',
    UTS: spaces.Uts ?? '',
  }
  const row = {
    ...container,
    ...namespaces,
    Namespaces: namespaces,
    Command: commandText(container.Command, noTrunc),
    Created: created,
    CreatedAt: String(container.CreatedAt),
    CreatedHuman: createdHuman,
    ID: short(container.Id),
    ImageID: short(container.ImageID),
    Label: (name: string) => container.Labels?.[name] ?? '',
    Labels: labelsText(container.Labels),
    Names: container.Names[0] ?? '',
    Networks: container.Networks.join(','),
    Pod: short(container.Pod),
    Ports: portsText(container.Ports, container.ExposedPorts),
    Restarts: String(container.Restarts),
    RunningFor: createdHuman,
    Size: sizeText(container.Size),
    Status: stateText(container, now),
  }
  return asStruct(row, 'containers.psReporter')
}

const jsonPorts = (ports: ListContainer['Ports']) =>
  ports?.map((port) => asStruct({ ...port }, 'types.PortMapping')) ?? null

/** `ps --format json`. */
export function psJson(containers: readonly ListContainer[], now = Date.now()): string {
  const rows = containers.map((container) => {
    const { Created, ...rest } = container
    const created = Date.parse(Created)
    return asStruct({
      ...rest,
      CreatedAt: ago(created, now),
      ExposedPorts: rest.ExposedPorts && asMap({ ...rest.ExposedPorts }),
      Labels: rest.Labels && asMap({ ...rest.Labels }),
      Ports: jsonPorts(rest.Ports),
      Size: rest.Size && asStruct({ ...rest.Size }),
      Status: stateText(container, now),
      Created: Math.floor(created / 1000),
    })
  })
  return toJson(rows, { indent: '  ', escapeHtml: true })
}
