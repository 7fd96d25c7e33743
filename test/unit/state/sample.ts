import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKernel } from '../../../src/kernel'
import { newId, openState, type Sandbox, type State } from '../../../src/state'
import type { ContainerConfig, ContainerRecord } from '../../../src/state/types'

/** A state below a temporary folder, and what removes it. */
export const temporaryState = (): { state: State; folder: string; remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'tspod-state-'))
  let kernel: ReturnType<typeof openKernel> | undefined
  const state = openState({
    root: join(folder, 'root'),
    runroot: join(folder, 'run'),
    kernel: () => {
      kernel ??= openKernel()
      return kernel
    },
  })
  return { state, folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export const sampleConfig = (changes: Partial<ContainerConfig> = {}): ContainerConfig => ({
  command: ['sh'],
  entrypoint: [],
  argv: ['sh'],
  env: ['PATH=/bin'],
  workdir: '/',
  user: '',
  groups: [],
  hostname: '',
  tty: false,
  stdin: false,
  attach: [],
  labels: {},
  annotations: {},
  namespaces: {},
  uidMappings: [],
  gidMappings: [],
  mounts: [],
  devices: [],
  shmSize: 65536000,
  init: false,
  security: {
    privileged: false,
    capAdd: [],
    capDrop: [],
    noNewPrivileges: false,
    seccomp: 'default',
    mask: [],
    unmask: [],
    readOnly: false,
    readOnlyTmpfs: true,
  },
  ulimits: [],
  sysctls: {},
  resources: {},
  network: {
    ports: [],
    exposed: [],
    publishAll: false,
    networks: [],
    aliases: [],
    dnsServers: [],
    dnsSearch: [],
    dnsOptions: [],
    addHosts: [],
    noHosts: false,
    noHostname: false,
  },
  umask: '0022',
  timezone: '',
  stopSignal: 15,
  stopTimeout: 10,
  restart: { name: 'no', maximumRetries: 0 },
  autoRemove: false,
  log: { driver: 'k8s-file' },
  cgroupParent: '',
  timeout: 0,
  createCommand: [],
  requires: [],
  ...changes,
})

export const sampleContainer = (changes: Partial<ContainerRecord> = {}): ContainerRecord => ({
  id: newId(),
  name: 'web',
  created: '2026-11-22T03:00:00.000000000Z',
  infra: false,
  image: { id: 'a'.repeat(64), name: 'localhost/host:latest', digest: '' },
  config: sampleConfig(),
  state: {
    status: 'created',
    exitCode: 0,
    oomKilled: false,
    error: '',
    restartCount: 0,
    stoppedByUser: false,
    cgroupPath: '',
    execIds: [],
  },
  ...changes,
})

/** A stand-alone container's document. */
export const sampleSandbox = (changes: Partial<ContainerRecord> = {}): Sandbox => {
  const container = sampleContainer(changes)
  return { schema: 1, id: container.id, containers: [container] }
}

/** Claims what a creator claims, and writes the document. */
export const store = async (state: State, sandbox: Sandbox): Promise<Sandbox> => {
  if (sandbox.pod) {
    const entry = { kind: 'pod' as const, id: sandbox.id, sandbox: sandbox.id }
    await state.claimName(sandbox.pod.name, entry)
    await state.claimId(entry)
  }
  for (const container of sandbox.containers) {
    const entry = { kind: 'container' as const, id: container.id, sandbox: sandbox.id }
    await state.claimName(container.name, entry)
    await state.claimId(entry)
  }
  state.create(sandbox)
  return sandbox
}
