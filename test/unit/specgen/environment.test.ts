import { describe, expect, it } from 'vitest'
import { createEnvironment, joinEnvironment } from '../../../src/specgen/environment'
import { messageOf } from './facts'

const map = (list: readonly string[]) =>
  Object.fromEntries(list.map((one) => one.split(/=(.*)/s).slice(0, 2)))

describe('environment', () => {
  it('starts from the defaults and the image', () => {
    expect(createEnvironment({}, ['A=1', 'PATH=/x'])).toEqual(['PATH=/x', 'container=podman', 'A=1'])
    expect(createEnvironment({ tty: true })).toContain('TERM=xterm')
    expect(createEnvironment({ tty: true }, ['TERM=dumb'])).toContain('TERM=dumb')
  })

  it('lets -e win over files, files over the host, the host over the image', () => {
    const env = createEnvironment(
      { env: ['A=e'], envFile: ['A=f', 'B=f'], envHost: true, hostEnvironment: { A: 'h', B: 'h', C: 'h' } },
      ['A=i', 'B=i', 'C=i', 'D=i'],
    )
    expect(map(env)).toMatchObject({ A: 'e', B: 'f', C: 'h', D: 'i' })
  })

  it('takes values and groups of the host', () => {
    const hostEnvironment = { KEPT: '1', PRE_A: '2', PRE_B: '3', OTHER: '4' }
    const env = map(createEnvironment({ env: ['KEPT', 'MISSING', 'PRE_*'], hostEnvironment }))
    expect(env).toMatchObject({ KEPT: '1', PRE_A: '2', PRE_B: '3' })
    expect(env).not.toHaveProperty('MISSING')
    expect(env).not.toHaveProperty('OTHER')
  })

  it('passes proxies on unless told not to', () => {
    const hostEnvironment = { http_proxy: 'p', NO_PROXY: 'q' }
    expect(map(createEnvironment({ hostEnvironment }))).toMatchObject(hostEnvironment)
    expect(map(createEnvironment({ hostEnvironment, httpProxy: false }))).not.toHaveProperty('http_proxy')
  })

  it('reads files with comments and leading blanks', () => {
    expect(map(createEnvironment({ envFile: ['# no', '', '  A= b =c'] })).A).toBe(' b =c')
  })

  it('unsets', () => {
    expect(createEnvironment({ unsetenvAll: true, env: ['A=1'] }, ['B=2'])).toEqual(['A=1'])
    expect(createEnvironment({ unsetenv: ['B', 'PATH'] }, ['B=2'])).toEqual(['container=podman'])
  })

  it('refuses a variable without a name', () => {
    expect(messageOf(() => createEnvironment({ env: ['=x'] }))).toBe('invalid variable: "=x"')
  })

  it('joins lists, the later value in the earlier place', () => {
    expect(joinEnvironment(['A=1', 'B=2'], ['C=3', 'A=4'])).toEqual(['A=4', 'B=2', 'C=3'])
  })
})
