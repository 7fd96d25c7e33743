import { accessSync, closeSync, constants, openSync, readSync, rmSync, statSync } from 'node:fs'
import { TspodError } from '../errors'
import type { Kernel, ProcessId } from '../kernel'
import { readText } from '../state/files'
import type { Uplink } from '../state/types'
import type { SetUpRecord } from './records'
import type { NetworkHome, UplinkRequest } from './types'

/** What leads out of an ordinary user's network namespace, or why nothing does. */
export interface OpenedUplink {
  uplink?: Uplink
  process?: ProcessId
  warnings: string[]
}

type Program = Uplink['program']

/** Addresses inside that both programs answer name server requests at; pasta's is Podman's choice. */
const dns: Record<Program, string> = { pasta: '169.254.1.1', slirp4netns: '10.0.2.3' }

const SIGTERM = 15
const TUN = '/dev/net/tun'

const pidFile = (home: NetworkHome, { owner }: SetUpRecord): string => `${home.runroot}/network/${owner}.pid`

const failed = (program: string, detail: string): TspodError =>
  new TspodError('system', `${program} failed: ${detail}`, { call: program })

// pasta goes into the background by itself, and ends when the namespace's file is removed.
const startPasta = (
  home: NetworkHome,
  record: SetUpRecord,
  path: string,
  options: readonly string[],
): ProcessId => {
  const pid = pidFile(home, record)
  const ports = ['-t', 'none', '-u', 'none', '-T', 'none', '-U', 'none']
  const args = ['--config-net', '--dns-forward', dns.pasta, '--no-map-gw', '--quiet', ...ports, ...options]
  const result = home.kernel.runProgram(path, [...args, '--pid', pid, '--netns', record.netns])
  const process = home.kernel.identify(Number(readText(pid)?.trim() || 0))
  rmSync(pid, { force: true })
  if (result.code !== 0 || !process)
    throw failed('pasta', result.stderr.toString().trim() || `exit code ${result.code}`)
  return process
}

/** Waits for the byte by which slirp4netns says that the card is up; false where it ended without. */
const isReady = (fd: number): boolean => {
  try {
    return readSync(fd, Buffer.alloc(1)) === 1
  } catch {
    return false
  }
}

const startSlirp = (
  home: NetworkHome,
  record: SetUpRecord,
  path: string,
  options: readonly string[],
): ProcessId => {
  const { kernel } = home
  const [reading, writing] = pipe(kernel)
  const nothing = openSync('/dev/null', 'r+')
  const own = ['--configure', '--mtu=65520', '--disable-host-loopback', '--ready-fd=3', ...options]
  try {
    const pid = kernel.spawn({
      program: path,
      args: [path, ...own, '--netns-type=path', record.netns, 'tap0'],
      env: [],
      descriptors: [...[0, 1, 2].map((fd) => [nothing, fd] as const), [writing, 3]],
      newSession: true,
    })
    closeSync(writing)
    const process = kernel.identify(pid)
    if (isReady(reading) && process) return process
    throw failed('slirp4netns', `exit code ${kernel.waitFor(pid).code}`)
  } finally {
    closeSync(reading)
    closeSync(nothing)
  }
}

const pipe = (kernel: Kernel): [number, number] => {
  const pair = Buffer.alloc(8)
  kernel.raw.call('pipe2', pair, 0o2000000)
  return [pair.readInt32LE(0), pair.readInt32LE(4)]
}

/** Why the programs can't have a card inside; undefined where they can. */
const closedTun = (): string | undefined => {
  try {
    accessSync(TUN, constants.R_OK | constants.W_OK)
    return undefined
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return `${TUN} is missing (modprobe tun)`
    const mode = (statSync(TUN).mode & 0o777).toString(8)
    return `${TUN} is closed to you, with mode ${mode} (root can open it: chmod 666 ${TUN})`
  }
}

const alone = (why: string): string =>
  `${why}: containers reach nothing beyond their pod, only published ports lead in`

const chosen = (
  kernel: Kernel,
  wanted: Program | undefined,
): { program: Program; path: string } | undefined => {
  for (const program of wanted ? [wanted] : (['pasta', 'slirp4netns'] as const)) {
    const path = kernel.findProgram(program)
    if (path) return { program, path }
  }
  return undefined
}

const starters = { pasta: startPasta, slirp4netns: startSlirp }

/** Starts the program that leads out of the namespace. Where none can, that is a warning, unless it was named. */
export const openUplink = (
  home: NetworkHome,
  record: SetUpRecord,
  { program: wanted, options }: UplinkRequest,
): OpenedUplink => {
  const found = chosen(home.kernel, wanted)
  const problem = found
    ? closedTun() && `${found.program} can't make a card: ${closedTun()}`
    : `no ${wanted ?? 'pasta or slirp4netns'} was found (install ${wanted === 'slirp4netns' ? wanted : 'passt'})`
  try {
    if (!found || problem) throw new TspodError('unsupported', problem ?? '')
    const process = starters[found.program](home, record, found.path, options)
    return { process, uplink: { program: found.program, dns: dns[found.program] }, warnings: [] }
  } catch (error) {
    if (wanted) throw error
    return { warnings: [alone((error as Error).message)] }
  }
}

/** Ends the program; one that ended by itself is fine. */
export const closeUplink = (home: NetworkHome, record: SetUpRecord): void => {
  if (record.uplink && home.kernel.isAlive(record.uplink)) home.kernel.signal(record.uplink, SIGTERM)
}
