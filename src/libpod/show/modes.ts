import type { ContainerRecord, Sandbox } from '../../state'
import type { NamespaceModes } from '../../state/types'

type Kind = keyof NamespaceModes

/** A namespace mode as Podman's inspect has it: `host`, `private`, `container:ID`, `ns:PATH`. */
export const modeText = (sandbox: Sandbox, container: ContainerRecord, kind: Kind): string => {
  const { mode, value = '' } = container.config.namespaces[kind] ?? { mode: 'host' }
  if (kind === 'net' && mode === 'bridge' && container.config.network.attachments?.length === 0) {
    const { state, config } = container
    return state.network?.uplink?.program ?? config.network.uplink?.program ?? 'pasta'
  }
  switch (mode) {
    case 'pod':
      return `container:${sandbox.pod?.infraId ?? ''}`
    case 'container':
      return `container:${value}`
    case 'path':
      return `ns:${value}`
    case 'auto':
      return 'private'
    default:
      return mode
  }
}

/** Like it, for the user namespace: the host's has no name. */
export const userModeText = (sandbox: Sandbox, container: ContainerRecord): string => {
  const text = modeText(sandbox, container, 'user')
  return text === 'host' ? '' : text
}
