import { describe, expect, it } from 'vitest'
import { delegatedLayout } from '../../../src/runtime/cgroups/delegated'
import type { Layout } from '../../../src/runtime/cgroups/layout'

const mount = '/sys/fs/cgroup'
const host: Layout = {
  version: 'v2',
  hierarchies: [{ name: '', mount, version: 2, controllers: ['cpu', 'io', 'memory', 'pids'] }],
}
const service = '/user.slice/user-1000.slice/user@1000.service'

const layout = (own: string, given: string | undefined, changes: Partial<Layout> = {}) => {
  const files = {
    read: (path: string) => (path === `${mount}${given}/cgroup.controllers` ? 'memory pids\n' : ''),
    exists: () => true,
  }
  const isOurs = (folder: string) => given !== undefined && folder.startsWith(mount + given)
  return delegatedLayout({ ...host, ...changes }, `0::${own}\n`, files, isOurs)
}

describe('control groups of an ordinary user', () => {
  it('are the outermost that systemd gave him', () => {
    expect(layout(`${service}/app.slice/term.scope`, service)).toEqual({
      version: 'v2',
      hierarchies: [{ name: '', mount: mount + service, version: 2, controllers: ['memory', 'pids'] }],
    })
    expect(layout('/given', '/given').hierarchies[0]?.mount).toBe(`${mount}/given`)
  })

  it('are none in a session of ssh', () => {
    const found = layout('/user.slice/user-1000.slice/session-3.scope', service)
    expect(found.version).toBe('none')
    expect(found.reason).toContain('systemd-run --user --scope')
  })

  it('are none on v1, in Podman’s words', () => {
    expect(layout(service, service, { version: 'hybrid' })).toEqual({
      version: 'none',
      hierarchies: [],
      reason: 'resource limits are not supported on cgroups V1 rootless systems',
    })
  })

  it('are none where the whole host has none', () => {
    expect(layout('/', '', { version: 'none', hierarchies: [], reason: 'why' }).reason).toBe('why')
  })
})
