import type { ContainerRecord, Sandbox } from '../../../src/state/types'
import { sampleConfig, sampleContainer } from '../state/sample'

export const id = (start: string): string => start.padEnd(64, '0')

interface PodSample {
  name?: string
  infra?: boolean
  members?: ContainerRecord[]
  labels?: Record<string, string>
  exitPolicy?: 'continue' | 'stop'
}

/** A pod's document, with an infra container unless told otherwise. */
export const samplePod = ({
  name = 'web',
  infra = true,
  members = [],
  labels = {},
  exitPolicy = 'continue',
}: PodSample = {}): Sandbox => {
  const pause = sampleContainer({
    id: id('1f'),
    name: `${name}-infra`,
    infra: true,
    image: undefined,
    config: sampleConfig({ namespaces: { net: { mode: 'bridge' }, ipc: { mode: 'shareable' } } }),
  })
  pause.config.network.attachments = [{ name: 'default' }]
  return {
    schema: 1,
    id: id('90'),
    pod: {
      name,
      created: '2026-11-22T03:00:00.000000000Z',
      hostname: name,
      labels,
      shared: ['ipc', 'net', 'uts'],
      infraId: infra ? pause.id : undefined,
      exitPolicy,
      restart: { name: 'no', maximumRetries: 0 },
      cgroupParent: '/tspod',
      cgroupPath: `/tspod/${id('90')}`,
      resources: {},
      createCommand: [],
      stoppedByUser: false,
    },
    containers: infra ? [pause, ...members] : members,
  }
}

/** A member of a pod that shares the pod's network. */
export const sampleMember = (
  name: string,
  changes: Partial<ContainerRecord['config']> = {},
): ContainerRecord =>
  sampleContainer({
    id: id(Buffer.from(name).toString('hex')),
    name,
    config: sampleConfig({ namespaces: { net: { mode: 'pod' } }, ...changes }),
  })
