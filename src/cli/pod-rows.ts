import type { ListPod } from '../libpod'
import { toJson } from './go-json'
import { labelsText } from './labels'
import { asMap, asStruct } from './template'
import { humanDuration } from './units'

const SHORT_ID = 12

export const POD_HEADERS = {
  Id: 'POD ID',
  ID: 'POD ID',
  NumberOfContainers: '# OF CONTAINERS',
  InfraID: 'INFRA ID',
  InfraId: 'INFRA ID',
  ContainerIds: 'IDS',
  ContainerNames: 'NAMES',
  ContainerStatuses: 'STATUS',
  Namespace: 'NAMESPACES',
}

interface Asked {
  format?: string
  'ctr-ids': boolean
  'ctr-names': boolean
  'ctr-status': boolean
  ns: boolean
}

/** The user's template, or the table that `pod ps` prints of its own. */
export function podFormat(asked: Asked): string {
  if (asked.format !== undefined) return asked.format
  const columns = ['Id', 'Name', 'Status', 'Created', 'InfraID']
  if (asked['ctr-ids']) columns.push('ContainerIds')
  if (asked['ctr-names']) columns.push('ContainerNames')
  if (asked['ctr-status']) columns.push('ContainerStatuses')
  if (asked.ns) columns.push('Cgroup', 'Namespace')
  if (!asked['ctr-ids'] && !asked['ctr-names'] && !asked['ctr-status']) columns.push('NumberOfContainers')
  return `table ${columns.map((column) => `{{.${column}}}`).join('\t')}`
}

/** A pod as `--format` sees it: what Podman calls ListPodReporter. */
export function podRow(pod: ListPod, noTrunc: boolean, now = Date.now()): object {
  const short = (id: string) => (noTrunc ? id : id.slice(0, SHORT_ID))
  const id = short(pod.Id)
  const infra = short(pod.InfraId)
  const { Containers: containers } = pod
  const row = {
    ...pod,
    Id: id,
    ID: id,
    InfraId: infra,
    InfraID: infra,
    ContainerIds: containers.map((one) => short(one.Id)).join(','),
    ContainerNames: containers.map((one) => one.Names).join(','),
    ContainerStatuses: containers.map((one) => one.Status).join(','),
    Created: `${humanDuration(now - Date.parse(pod.Created))} ago`,
    Label: (name: string) => pod.Labels?.[name] ?? '',
    Labels: labelsText(pod.Labels),
    Networks: pod.Networks.join(','),
    NumberOfContainers: containers.length,
    Restarts: String(containers.reduce((sum, { RestartCount }) => sum + RestartCount, 0)),
  }
  return asStruct(row, 'pods.ListPodReporter')
}

/** `pod ps --format json`. */
export const podJson = (pods: readonly ListPod[]): string =>
  toJson(
    pods.map((pod) => asStruct({ ...pod, Labels: pod.Labels && asMap({ ...pod.Labels }) })),
    { indent: '  ', escapeHtml: true },
  )
