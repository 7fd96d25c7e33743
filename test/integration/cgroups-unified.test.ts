import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, openKernel } from '../../src/kernel'
import { filterDevices } from '../../src/runtime/cgroups/device-filter'
import { defaultDeviceRules } from '../../src/specgen/devices'

/*
 * The device filter of v2 on the real kernel. A host of v1 has a v2 hierarchy as well, without controllers: what a
 * filter needs is a cgroup alone.
 */

let kernel: Kernel
let mount: string
let folder: string

beforeAll(() => {
  kernel = openKernel()
  mount = mkdtempSync(join(tmpdir(), 'tspod-cgroup2-'))
  kernel.mount('cgroup2', mount, 'cgroup2', 0)
  folder = join(mount, `tspod-test-${process.pid}`)
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
