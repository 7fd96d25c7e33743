import type { ContainerConfig, NamespaceModes } from '../state/types'
import { isMapped } from './id-ranges'
import { invalid, words } from './refusal'

const ipcKeys = [
  'kernel.msgmax',
  'kernel.msgmnb',
  'kernel.msgmni',
  'kernel.sem',
  'kernel.shmall',
  'kernel.shmmax',
  'kernel.shmmni',
  'kernel.shm_rmid_forced',
]

/** `--sysctl KEY=VALUE` values; only those that a namespace keeps apart are allowed. */
export const parseSysctls = (texts: readonly string[]): Record<string, string> => {
  const sysctls: Record<string, string> = {}
  for (const text of texts) {
    const at = text.indexOf('=')
    if (at < 0) throw invalid(`${text} is invalid, sysctl values must be in the form of KEY=VALUE`)
    const [key, value] = [text.slice(0, at), text.slice(at + 1)]
    if (key.trim() !== key || value.trim() !== value)
      throw invalid(`'${text}' is invalid, extra spaces found`)
    const known = ipcKeys.includes(key) || key.startsWith('net.') || key.startsWith('fs.mqueue.')
    // A key becomes a path below /proc/sys.
    if (!known || key.split(/[./]/).includes('') || key.includes('..'))
      throw invalid(`sysctl '${key}' is not allowed`)
    sysctls[key] = value
  }
  return sysctls
}

const rules: { kind: keyof NamespaceModes; name: string; prefixes: string[] }[] = [
  { kind: 'ipc', name: 'IPC', prefixes: ['fs.mqueue.', 'kernel.msg', 'kernel.sem', 'kernel.shm'] },
  { kind: 'net', name: 'Network', prefixes: ['net.'] },
  { kind: 'uts', name: 'UTS', prefixes: ['kernel.domainname', 'kernel.hostname'] },
]

/** A key whose namespace is the host's would change the host. */
export const checkSysctls = (sysctls: Record<string, string>, namespaces: NamespaceModes): void => {
  for (const [key, value] of Object.entries(sysctls)) {
    const rule = rules.find(({ prefixes }) => prefixes.some((prefix) => key.startsWith(prefix)))
    if (rule && namespaces[rule.kind]?.mode === 'host')
      throw invalid(
        `sysctl ${key}=${value} can't be set since ${rule.name} Namespace set to host: ${words.invalidArgument}`,
      )
  }
}

/** What Podman sets beside the user's: pings without privileges, where the network namespace is the container's own. */
export const defaultSysctls = (
  config: Pick<ContainerConfig, 'namespaces' | 'gidMappings'>,
): Record<string, string> => {
  const mode = config.namespaces.net?.mode
  const own = mode === 'bridge' || mode === 'private' || mode === 'none' || mode === 'path'
  return own && isMapped(config.gidMappings, 0) ? { 'net.ipv4.ping_group_range': '0 0' } : {}
}
