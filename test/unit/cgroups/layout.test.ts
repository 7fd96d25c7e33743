import { describe, expect, it } from 'vitest'
import { readLayout } from '../../../src/runtime/cgroups/layout'

const root = '/sys/fs/cgroup'
const line = (place: string, type: string, options: string, flags = 'rw,relatime') =>
  `40 30 0:30 / ${place} ${flags} shared:9 - ${type} ${type} ${options}`
const layout = (...lines: string[]) => readLayout(lines.join('\n'), root, () => 'cpuset cpu io memory pids\n')

describe('which control groups a host has', () => {
  it('finds v2', () => {
    expect(layout(line(root, 'cgroup2', 'rw,nsdelegate'))).toEqual({
      version: 'v2',
      hierarchies: [
        { name: '', mount: root, version: 2, controllers: ['cpuset', 'cpu', 'io', 'memory', 'pids'] },
      ],
    })
  })

  it('finds v1, with controllers that share a hierarchy', () => {
    const found = layout(
      line(root, 'tmpfs', 'ro'),
      line(`${root}/cpu,cpuacct`, 'cgroup', 'rw,cpu,cpuacct'),
      line(`${root}/memory`, 'cgroup', 'rw,memory'),
      line(`${root}/systemd`, 'cgroup', 'rw,name=systemd'),
      line(`${root}/hugetlb`, 'cgroup', 'rw,hugetlb'),
    )
    expect(found).toEqual({
      version: 'v1',
      hierarchies: [
        { name: 'cpu,cpuacct', mount: `${root}/cpu,cpuacct`, version: 1, controllers: ['cpu', 'cpuacct'] },
        { name: 'memory', mount: `${root}/memory`, version: 1, controllers: ['memory'] },
      ],
    })
  })

  it('finds the hybrid of both', () => {
    const found = layout(line(`${root}/pids`, 'cgroup', 'rw,pids'), line(`${root}/unified`, 'cgroup2', 'rw'))
    expect(found.version).toBe('hybrid')
    expect(found.hierarchies.map(({ name }) => name)).toEqual(['pids'])
  })

  it.each([
    ['nothing mounted', [], 'no control groups are mounted on /sys/fs/cgroup'],
    [
      'another root',
      [line('/elsewhere', 'cgroup2', 'rw')],
      'no control groups are mounted on /sys/fs/cgroup',
    ],
    [
      'read-only, as inside a container',
      [line(root, 'cgroup2', 'rw', 'ro,relatime')],
      'the control groups on /sys/fs/cgroup are read-only',
    ],
    [
      'only a name, no controllers',
      [line(`${root}/systemd`, 'cgroup', 'rw,name=systemd')],
      'no control group controllers are mounted on /sys/fs/cgroup',
    ],
    [
      'hidden by a later mount',
      [line(root, 'cgroup2', 'rw'), line(root, 'tmpfs', 'rw')],
      'no control groups are mounted on /sys/fs/cgroup',
    ],
  ])('says why there are none: %s', (_, lines, reason) => {
    expect(layout(...lines)).toEqual({ version: 'none', hierarchies: [], reason })
  })
})
