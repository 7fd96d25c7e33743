import { beforeEach, describe, expect, it } from 'vitest'
import type { Kernel } from '../../../src/kernel'
import { type Cgroups, openCgroups } from '../../../src/runtime/cgroups'
import { errno, FakeFiles } from './fake-files'

const root = '/cg'
const kernel = {} as Kernel
const names = ['cpu', 'cpuset', 'memory', 'pids', 'devices', 'freezer']

const mountinfoV1 = names.map((name) => `1 1 0:1 / ${root}/${name} rw - cgroup cgroup rw,${name}`).join('\n')
const mountinfoV2 = `1 1 0:1 / ${root} rw - cgroup2 cgroup2 rw`

const openOn = (files: FakeFiles, mountinfo: string): Cgroups =>
  openCgroups(kernel, { mount: root, mountinfo, files })

const messageOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}

describe('v1', () => {
  let files: FakeFiles
  let cgroups: Cgroups

  beforeEach(() => {
    files = new FakeFiles(root, 1)
    cgroups = openOn(files, mountinfoV1)
  })

  it('makes a folder in each hierarchy, with the parent’s processors', () => {
    const { procsFiles, warnings } = cgroups.create('/tspod/a', { pids: { limit: 5 } })
    expect(warnings).toEqual([])
    expect(procsFiles).toEqual(names.map((name) => `${root}/${name}/tspod/a/tasks`))
    expect(files.read(`${root}/cpuset/tspod/cpuset.cpus`)).toBe('0-3')
    expect(files.read(`${root}/cpuset/tspod/a/cpuset.mems`)).toBe('0')
    expect(files.read(`${root}/pids/tspod/a/pids.max`)).toBe('5')
  })

  it('sets the devices in their order', () => {
    const devices = [
      { allow: false, type: 'a' as const, major: -1, minor: -1, access: 'rwm' },
      { allow: true, type: 'c' as const, major: 1, minor: 3, access: 'rwm' },
      { allow: true, type: 'b' as const, major: 8, minor: -1, access: 'r' },
    ]
    cgroups.create('/tspod/a', { devices })
    expect(files.writes.filter(([path]) => path.includes('/devices/'))).toEqual([
      [`${root}/devices/tspod/a/devices.deny`, 'a'],
      [`${root}/devices/tspod/a/devices.allow`, 'c 1:3 rwm'],
      [`${root}/devices/tspod/a/devices.allow`, 'b 8:* r'],
    ])
  })

  it('raises swap before memory where the kernel wants it so', () => {
    cgroups.create('/tspod/a', { memory: { limit: 100, swap: 100 } })
    files.onWrite = (path, text) => {
      const swap = Number(files.read(`${root}/memory/tspod/a/memory.memsw.limit_in_bytes`))
      if (path.endsWith('memory.limit_in_bytes') && Number(text) > swap) throw errno('EINVAL')
    }
    expect(cgroups.update('/tspod/a', { memory: { limit: 200, swap: 300 } })).toEqual([])
    expect(files.read(`${root}/memory/tspod/a/memory.limit_in_bytes`)).toBe('200')
    expect(files.read(`${root}/memory/tspod/a/memory.memsw.limit_in_bytes`)).toBe('300')
  })

  it('leaves nothing behind where a limit can’t be set', () => {
    files.onWrite = (path) => {
      if (path.endsWith('cpu.shares')) throw errno('EINVAL')
    }
    expect(messageOf(() => cgroups.create('/tspod/a', { cpu: { shares: 5 } }))).toBe(
      'set CPU shares to 5: /cg/cpu/tspod/a/cpu.shares: invalid argument',
    )
    expect([...files.directories].filter((path) => path.includes('tspod'))).toEqual([])
  })

  it('leaves alone what was there before', () => {
    cgroups.create('/tspod/a', {})
    files.onWrite = () => {
      throw errno('EINVAL')
    }
    expect(() => cgroups.create('/tspod/a', { cpu: { shares: 5 } })).toThrow()
    expect(cgroups.exists('/tspod/a')).toBe(true)
  })

  const noSwap =
    'Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.'

  it('warns of swap that the kernel does not count', () => {
    files.onMkdir = () => files.contents.delete(`${root}/memory/tspod/memory.memsw.limit_in_bytes`)
    expect(cgroups.create('/tspod', { memory: { limit: 1, swap: 2 } }).warnings).toEqual([noSwap])
    expect(files.read(`${root}/memory/tspod/memory.limit_in_bytes`)).toBe('1')
  })

  it('refuses a limit without its controller', () => {
    const few = openOn(files, mountinfoV1.split('\n').slice(3).join('\n'))
    expect(messageOf(() => few.create('/tspod/b', { memory: { limit: 1 } }))).toBe(
      "the cgroup controller memory is missing: the memory limit can't be kept",
    )
  })

  it('makes a parent again that another command removed', () => {
    let removed = 0
    files.onMkdir = (path) => {
      if (path !== `${root}/memory/tspod/a` || removed++ > 3) return
      files.rmdir(`${root}/memory/tspod`)
    }
    cgroups.create('/tspod/a', {})
    expect(removed).toBe(5)
    expect(cgroups.exists('/tspod/a')).toBe(true)
  })

  it('removes the cgroup, those below it, and our parent with the last', () => {
    cgroups.create('/tspod/a', {})
    cgroups.create('/tspod/a/inner/most', {})
    cgroups.create('/tspod/b', {})
    cgroups.remove('/tspod/a')
    expect(cgroups.exists('/tspod/a')).toBe(false)
    expect(cgroups.exists('/tspod/b')).toBe(true)
    cgroups.remove('/tspod/b')
    cgroups.remove('/tspod/b')
    expect(cgroups.exists('/tspod')).toBe(false)
  })

  it('removes parents in between, but none that holds something', () => {
    cgroups.create('/tspod/pod/a', {})
    cgroups.create('/tspod/pod/b', {})
    cgroups.create('/tspod/c', {})
    cgroups.remove('/tspod/pod/a')
    expect(cgroups.exists('/tspod/pod')).toBe(true)
    cgroups.remove('/tspod/pod/b')
    expect(cgroups.exists('/tspod/pod')).toBe(false)
    expect(cgroups.exists('/tspod/c')).toBe(true)
  })

  it('leaves a parent that is not ours', () => {
    cgroups.create('/mine/a', {})
    cgroups.remove('/mine/a')
    expect(cgroups.exists('/mine')).toBe(true)
  })

  it('waits for a cgroup that is busy for a moment, not for good', () => {
    cgroups.create('/tspod/a', {})
    const procs = `${root}/pids/tspod/a/cgroup.procs`
    files.contents.set(procs, '9')
    files.sleep = (milliseconds) => {
      files.slept.push(milliseconds)
      if (files.slept.length === 3) files.contents.set(procs, '')
    }
    cgroups.remove('/tspod/a')
    expect(files.slept.length).toBe(3)
    cgroups.create('/tspod/a', {})
    files.contents.set(procs, '9')
    expect(messageOf(() => cgroups.remove('/tspod/a'))).toBe(
      'remove cgroup: /cg/pids/tspod/a: device or resource busy',
    )
  })

  it('freezes, kills all below, and thaws', () => {
    cgroups.create('/tspod/a', {})
    cgroups.create('/tspod/a/inner', {})
    files.contents.set(`${root}/freezer/tspod/a/cgroup.procs`, '7\n0\n8')
    files.contents.set(`${root}/freezer/tspod/a/inner/cgroup.procs`, '9')
    expect(cgroups.pids('/tspod/a')).toEqual([9, 7, 8])
    cgroups.kill('/tspod/a')
    expect(files.killed).toEqual([9, 7, 8])
    const states = files.writes.filter(([path]) => path.endsWith('freezer.state')).map(([, text]) => text)
    expect(states.slice(0, 2)).toEqual(['FROZEN', 'THAWED'])
    expect(states.at(-1)).toBe('THAWED')
  })

  it('counts what the kernel killed there and below', () => {
    cgroups.create('/tspod/a', {})
    cgroups.create('/tspod/a/inner', {})
    files.contents.set(`${root}/memory/tspod/a/memory.oom_control`, 'under_oom 0\noom_kill 1\n')
    files.contents.set(`${root}/memory/tspod/a/inner/memory.oom_control`, 'oom_kill 2\n')
    expect(cgroups.oomKills('/tspod/a')).toBe(3)
    expect(cgroups.oomKills('/tspod/gone')).toBe(0)
  })

  it('reads figures, with 0 for no limit', () => {
    cgroups.create('/tspod/a', {})
    files.contents.set(`${root}/cpu/tspod/a/cpu.stat`, 'nr_periods 9\nnr_throttled 4\nthrottled_time 500\n')
    expect(cgroups.stats('/tspod/a')).toMatchObject({
      memoryUsage: 4096,
      memoryLimit: 0,
      throttledPeriods: 4,
      throttledTime: 500,
      pidsLimit: 0,
    })
  })

  it.each(['tspod', '/', '/../x', '/a//b', '/a/.'])('refuses the path %s', (path) => {
    expect(messageOf(() => cgroups.create(path, {}))).toBe(`invalid cgroup path ${JSON.stringify(path)}`)
  })
})

describe('v2', () => {
  let files: FakeFiles
  let cgroups: Cgroups

  beforeEach(() => {
    files = new FakeFiles(root, 2)
    cgroups = openOn(files, mountinfoV2)
  })

  it('hands controllers down along the path, not to the end', () => {
    const { procsFiles } = cgroups.create('/tspod/pod/a', {
      memory: { limit: 100, swap: 150 },
      pids: { limit: 5 },
    })
    expect(procsFiles).toEqual([`${root}/tspod/pod/a/cgroup.procs`])
    expect(files.read(`${root}/tspod/pod/cgroup.subtree_control`).split(' ')).toContain('memory')
    expect(files.read(`${root}/tspod/pod/a/cgroup.subtree_control`)).toBe('')
    expect(files.read(`${root}/tspod/pod/a/memory.max`)).toBe('100')
    expect(files.read(`${root}/tspod/pod/a/memory.swap.max`)).toBe('50')
  })

  it('empties a root that is not the host’s, where processes stand in the way', () => {
    files.contents.set(`${root}/cgroup.procs`, '5\n6')
    files.onWrite = (path, text) => {
      if (path === `${root}/cgroup.subtree_control` && files.read(`${root}/cgroup.procs`))
        throw errno('EBUSY')
      if (path === `${root}/tspod-init/cgroup.procs` && text === '6')
        files.contents.set(`${root}/cgroup.procs`, '')
    }
    cgroups.create('/tspod/a', { memory: { limit: 100 } })
    expect(files.written(`${root}/tspod/a/memory.max`)).toBe('100')
    expect(files.writes.filter(([path]) => path.endsWith('tspod-init/cgroup.procs'))).toHaveLength(2)
  })

  it('refuses a limit whose controller is not handed down, and warns of the usual one', () => {
    const few = openOn(new FakeFiles(root, 2, ['cpu', 'memory']), mountinfoV2)
    expect(messageOf(() => few.create('/tspod/a', { pids: { limit: 5 } }))).toBe(
      "the cgroup controller pids is missing: the limit of processes can't be kept",
    )
    expect(few.create('/tspod/a', { pids: { limit: 2048 } }).warnings).toEqual([
      'the cgroup controller pids is missing: the number of processes is not limited',
    ])
  })

  it('lets the kernel kill', () => {
    cgroups.create('/tspod/a', {})
    cgroups.kill('/tspod/a')
    expect(files.written(`${root}/tspod/a/cgroup.kill`)).toBe('1')
    cgroups.kill('/tspod/gone')
  })

  it('kills one by one where the kernel can’t', () => {
    cgroups.create('/tspod/a', {})
    files.contents.delete(`${root}/tspod/a/cgroup.kill`)
    files.contents.set(`${root}/tspod/a/cgroup.procs`, '7')
    cgroups.kill('/tspod/a')
    expect(files.killed).toEqual([7])
  })

  it('freezes and thaws', () => {
    cgroups.create('/tspod/a', {})
    cgroups.freeze('/tspod/a')
    expect(files.written(`${root}/tspod/a/cgroup.freeze`)).toBe('1')
    cgroups.thaw('/tspod/a')
    expect(files.written(`${root}/tspod/a/cgroup.freeze`)).toBe('0')
  })

  it('reads figures', () => {
    cgroups.create('/tspod/a', { pids: { limit: 2048 } })
    files.contents.set(
      `${root}/tspod/a/cpu.stat`,
      'usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_throttled 1\n',
    )
    files.contents.set(`${root}/tspod/a/io.stat`, '8:0 rbytes=10 wbytes=5 rios=1\n8:16 rbytes=1 wbytes=2\n')
    expect(cgroups.stats('/tspod/a')).toMatchObject({
      cpuUsage: 5000,
      cpuUser: 3000,
      memoryUsage: 8192,
      memoryLimit: 0,
      pids: 1,
      pidsLimit: 2048,
      blockRead: 11,
      blockWrite: 7,
      throttledPeriods: 1,
    })
    expect(cgroups.oomKills('/tspod/a')).toBe(3)
  })
})

describe('a host without', () => {
  const cgroups = openCgroups(kernel, { mount: root, mountinfo: '' })

  it('runs containers, and says so, but refuses limits', () => {
    expect(cgroups.version).toBe('none')
    expect(cgroups.create('/tspod/a', { pids: { limit: 2048 } })).toEqual({
      procsFiles: [],
      warnings: ['no control groups are mounted on /cg: the container runs without limits'],
    })
    expect(messageOf(() => cgroups.create('/tspod/a', { memory: { limit: 1 } }))).toBe(
      "no control groups are mounted on /cg: limits can't be kept here",
    )
    expect(cgroups.pids('/tspod/a')).toEqual([])
    expect(messageOf(() => cgroups.freeze('/tspod/a'))).toContain('has no control group')
  })

  it('is one that does not let us in, too', () => {
    const files = new FakeFiles(root, 2)
    files.onMkdir = () => {
      throw errno('EACCES')
    }
    const closed = openOn(files, mountinfoV2)
    expect(closed.create('/tspod/a', {}).warnings).toEqual([
      'create cgroup: /cg/tspod/a: permission denied: the container runs without limits',
    ])
    expect(() => closed.create('/tspod/a', { memory: { limit: 1 } })).toThrow('permission denied')
  })
})
