import { signalName } from '../../specgen/signals'
import { specAnnotations } from '../../specgen/spec'
import type { ContainerRecord } from '../../state'
import type { InspectConfig } from '../api/container-inspect'

const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length > 0 ? value : null)

const exposed = ({ config }: ContainerRecord): Record<string, object> => {
  const published = config.network.ports.flatMap(({ containerPort, range, protocol }) =>
    Array.from({ length: Math.max(range, 1) }, (_, step) => `${containerPort + step}/${protocol}`),
  )
  return Object.fromEntries([...config.network.exposed, ...published].map((port) => [port, {}]))
}

/** What the container's environment holds once it runs. */
const environment = ({ config }: ContainerRecord): string[] => {
  const has = (name: string) => config.env.some((entry) => entry.startsWith(`${name}=`))
  return [
    ...config.env,
    ...(has('HOSTNAME') ? [] : [`HOSTNAME=${config.hostname}`]),
    ...(has('HOME') ? [] : ['HOME=/root']),
  ]
}

/** The part of inspect that is about the container's program. */
export const inspectConfig = (container: ContainerRecord): InspectConfig => {
  const { config } = container
  const ports = exposed(container)
  return {
    Hostname: config.hostname,
    Domainname: '',
    User: config.user,
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: config.tty,
    OpenStdin: config.stdin,
    StdinOnce: false,
    Env: environment(container),
    Cmd: config.command.length > 0 ? config.command : null,
    Image: container.image?.name ?? '',
    Volumes: null,
    WorkingDir: config.workdir,
    Entrypoint: config.entrypoint.length > 0 ? config.entrypoint : null,
    OnBuild: null,
    Labels: orNull(config.labels),
    Annotations: orNull(specAnnotations(config)),
    StopSignal: signalName(config.stopSignal),
    HealthcheckOnFailureAction: 'none',
    ...(config.createCommand.length > 0 ? { CreateCommand: config.createCommand } : {}),
    ...(config.timezone ? { Timezone: config.timezone } : {}),
    Umask: config.umask.padStart(4, '0'),
    Timeout: config.timeout,
    StopTimeout: config.stopTimeout,
    Passwd: true,
    sdNotifyMode: 'container',
    ...(Object.keys(ports).length > 0 ? { ExposedPorts: ports } : {}),
  }
}
