import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type Kernel, openKernel } from '../../src/kernel'
import { type Cgroups, openCgroups } from '../../src/runtime/cgroups'
import { filterDevices } from '../../src/runtime/cgroups/device-filter'
import { defaultDeviceRules } from '../../src/specgen/devices'

/*
 * Control groups of v2 on the real kernel. A host of v1 has a v2 hierarchy as well, without controllers: devices,
 * freezing and killing need none.
 */

let kernel: Kernel
let mount: string
let folder: string

beforeAll(() => {
  kernel = openKernel()
  mount = mkdtempSync(join(tmpdir(), 'tspod-cgroup2-'))
  kernel.mount('cgroup2', mount, 'cgroup2', 0)
  folder = join(mount, `tspod-filter-${process.pid}`)
  mkdirSync(folder)
})

afterAll(() => {
  rmdirSync(folder)
  kernel.unmount(mount)
  rmdirSync(mount)
})

/** Runs a shell command in the cgroup. */
const inGroup = (command: string) =>
  spawnSync('sh', ['-c', `echo 0 > ${folder}/cgroup.procs; ${command}`], { encoding: 'utf8' })

describe('the device filter', () => {
  it('closes what the rules don’t open', () => {
    expect(inGroup(': < /dev/kmsg').status).toBe(0)
    filterDevices(kernel, folder, defaultDeviceRules)
    const closed = inGroup(': < /dev/kmsg')
    expect(closed.stderr).toMatch(/operation not permitted/i)
    expect(inGroup('head -c 2 /dev/zero | wc -c').stdout.trim()).toBe('2')
  })

  it('is replaced by the next, not added to it', () => {
    const kmsg = { allow: true, type: 'c' as const, major: 1, minor: 11, access: 'r' }
    filterDevices(kernel, folder, [...defaultDeviceRules, kmsg])
    expect(inGroup(': < /dev/kmsg').status).toBe(0)
    expect(inGroup(': >> /dev/kmsg').stderr).toMatch(/operation not permitted/i)
  })

  it('says which cgroup is missing', () => {
    expect(() => filterDevices(kernel, `${folder}/gone`, [])).toThrow(
      `${folder}/gone: no such file or directory`,
    )
  })
})

describe('a cgroup of v2', () => {
  const path = `/tspod-test-${process.pid}/one`
  let cgroups: Cgroups
  let child: ChildProcess

  beforeAll(() => {
    cgroups = openCgroups(kernel, { mount })
  })

  const ended = () => new Promise((resolve) => child.once('exit', (_, signal) => resolve(signal)))
  const state = () => readFileSync(`/proc/${child.pid}/stat`, 'latin1').replace(/^.*\) /, '')[0]

  it('is made, frozen, thawed, killed and removed', async () => {
    expect(cgroups.version).toBe('v2')
    const { procsFiles } = cgroups.create(path, { devices: [...defaultDeviceRules] })
    expect(procsFiles).toEqual([`${mount}${path}/cgroup.procs`])
    const join = `echo 0 > ${procsFiles[0]} && (sleep 1000 & wait)`
    child = spawn('sh', ['-c', join], { stdio: 'ignore' })
    const gone = ended()
    await vi.waitFor(() => expect(cgroups.pids(path).length).toBeGreaterThan(1), { timeout: 10_000 })
    cgroups.freeze(path)
    const before = readFileSync(`${mount}${path}/cgroup.events`, 'utf8')
    expect(before).toContain('frozen 1')
    cgroups.thaw(path)
    expect(readFileSync(`${mount}${path}/cgroup.events`, 'utf8')).toContain('frozen 0')
    expect(['S', 'D', 'R']).toContain(state())
    cgroups.kill(path)
    expect(await gone).toBe('SIGKILL')
    await vi.waitFor(() => expect(cgroups.pids(path)).toEqual([]), { timeout: 10_000 })
    cgroups.remove(path)
    expect(cgroups.exists(path)).toBe(false)
    cgroups.remove(path.slice(0, path.lastIndexOf('/')))
  })

  it('is refused for a limit whose controller the hierarchy lacks', () => {
    expect(() => cgroups.create(path, { memory: { limit: 2 ** 20 } })).toThrow(
      "the cgroup controller memory is missing: the memory limit can't be kept",
    )
    expect(cgroups.exists(path)).toBe(false)
    expect(cgroups.exists(path.slice(0, path.lastIndexOf('/')))).toBe(false)
  })
})
