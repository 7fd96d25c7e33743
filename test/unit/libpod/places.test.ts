import { describe, expect, it } from 'vitest'
import { isNamespaced, placesOf, type UserFacts } from '../../../src/libpod/places'

const user = (changes: Partial<UserFacts> = {}): UserFacts => ({
  uid: 1000,
  env: { HOME: '/home/me' },
  namespaced: false,
  owns: () => true,
  ...changes,
})

describe('the places of a user', () => {
  it('are the system’s for root', () => {
    const root = user({
      uid: 0,
      env: { HOME: '/root', XDG_RUNTIME_DIR: '/run/user/0', XDG_DATA_HOME: '/data' },
    })
    expect(placesOf(root)).toEqual({ root: '/var/lib/tspod', runroot: '/run/tspod', rootless: false })
  })

  it('are his own for anybody else', () => {
    const env = { HOME: '/home/me', XDG_RUNTIME_DIR: '/run/user/1000' }
    expect(placesOf(user({ env }))).toEqual({
      root: '/home/me/.local/share/tspod',
      runroot: '/run/user/1000/tspod',
      rootless: true,
    })
    expect(placesOf(user({ env: { ...env, XDG_DATA_HOME: '/data/me' } })).root).toBe('/data/me/tspod')
  })

  it('are under /tmp where no run-time folder is his', () => {
    expect(placesOf(user({ owns: () => false })).runroot).toBe('/tmp/tspod-run-1000/tspod')
    expect(placesOf(user()).runroot).toBe('/run/user/1000/tspod')
    const env = { HOME: '/home/me', XDG_RUNTIME_DIR: '/run/user/0' }
    expect(placesOf(user({ env, owns: () => false })).runroot).toBe('/tmp/tspod-run-1000/tspod')
    expect(placesOf(user({ env: { ...env, XDG_RUNTIME_DIR: 'run' } })).runroot).toBe('/run/user/1000/tspod')
  })

  it('are the same inside his user namespace, where his id is 0', () => {
    const env = { HOME: '/home/me', TSPOD_ROOTLESS: '/run/user/1000' }
    expect(placesOf(user({ uid: 0, env, namespaced: true }))).toEqual({
      root: '/home/me/.local/share/tspod',
      runroot: '/run/user/1000/tspod',
      rootless: true,
    })
    expect(placesOf(user({ uid: 0, env })).rootless).toBe(false)
    expect(placesOf(user({ uid: 0, namespaced: true })).rootless).toBe(false)
  })

  it('are those that are given', () => {
    const given = { root: '/a', runroot: '/b' }
    expect(placesOf(user({ env: {} }), given)).toEqual({ ...given, rootless: true })
    expect(() => placesOf(user({ env: {} }))).toThrow('set HOME')
  })

  it('tell the host’s first user namespace by its map', () => {
    expect(isNamespaced('         0          0 4294967295\n')).toBe(false)
    expect(isNamespaced('         0       1000          1\n')).toBe(true)
  })
})
