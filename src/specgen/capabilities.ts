import { invalid, quoted } from './refusal'

/** Every capability of Linux up to 6.x, by number. */
export const allCapabilities: readonly string[] = [
  'CHOWN',
  'DAC_OVERRIDE',
  'DAC_READ_SEARCH',
  'FOWNER',
  'FSETID',
  'KILL',
  'SETGID',
  'SETUID',
  'SETPCAP',
  'LINUX_IMMUTABLE',
  'NET_BIND_SERVICE',
  'NET_BROADCAST',
  'NET_ADMIN',
  'NET_RAW',
  'IPC_LOCK',
  'IPC_OWNER',
  'SYS_MODULE',
  'SYS_RAWIO',
  'SYS_CHROOT',
  'SYS_PTRACE',
  'SYS_PACCT',
  'SYS_ADMIN',
  'SYS_BOOT',
  'SYS_NICE',
  'SYS_RESOURCE',
  'SYS_TIME',
  'SYS_TTY_CONFIG',
  'MKNOD',
  'LEASE',
  'AUDIT_WRITE',
  'AUDIT_CONTROL',
  'SETFCAP',
  'MAC_OVERRIDE',
  'MAC_ADMIN',
  'SYSLOG',
  'WAKE_ALARM',
  'BLOCK_SUSPEND',
  'AUDIT_READ',
  'PERFMON',
  'BPF',
  'CHECKPOINT_RESTORE',
].map((name) => `CAP_${name}`)

/** What root in a container has, as in Podman. */
export const defaultCapabilities: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_NET_BIND_SERVICE',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
]

/** Names in the kernel's spelling; `ALL` stays. */
export const normalizeCapabilities = (names: readonly string[]): string[] =>
  names
    .map((name) => {
      const upper = name.toUpperCase()
      if (upper === 'ALL') return upper
      const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
      if (!allCapabilities.includes(full)) throw invalid(`${quoted(full)}: unknown capability`)
      return full
    })
    .sort()

/** `base` with `--cap-add` and `--cap-drop` laid over it; `bounding` is what there is to have. */
export const mergeCapabilities = (
  base: readonly string[],
  adds: readonly string[],
  drops: readonly string[],
  bounding: readonly string[],
): string[] => {
  const add = normalizeCapabilities(adds)
  const drop = normalizeCapabilities(drops)
  if (drop.includes('ALL')) {
    if (add.includes('ALL')) throw invalid('adding all caps and removing all caps not allowed')
    return [...new Set(add)]
  }
  const all = add.includes('ALL')
  const twice = all ? undefined : add.find((name) => drop.includes(name))
  if (twice) throw invalid(`capability ${quoted(twice)} cannot be dropped and added`)
  const wanted = all ? bounding : [...base, ...add]
  return [...new Set(wanted)].filter((name) => !drop.includes(name)).sort()
}

/** The sets of /proc/PID/status, such as `000001ffffffffff`, as names. */
export const capabilitiesOf = (mask: string): string[] => {
  const bits = BigInt(`0x${mask || '0'}`)
  return allCapabilities.filter((_, index) => (bits >> BigInt(index)) & 1n)
}
