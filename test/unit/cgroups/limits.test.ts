import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isAsked, settingsV1, settingsV2, weightOfShares } from '../../../src/runtime/cgroups/limits'

const values = (settings: { files: string[]; value: string }[]) =>
  Object.fromEntries(settings.map(({ files, value }) => [files[0], value]))

const MB = 2 ** 20
const all = {
  memory: { limit: 64 * MB, swap: 96 * MB, reservation: MB },
  cpu: { shares: 1024, quota: 50000, period: 100000, cpus: '0-1', mems: '0' },
  pids: { limit: 10 },
}

describe('limits as files', () => {
  it('of v1', () => {
    expect(values(settingsV1(all))).toEqual({
      'memory.limit_in_bytes': String(64 * MB),
      'memory.memsw.limit_in_bytes': String(96 * MB),
      'memory.soft_limit_in_bytes': String(MB),
      'cpu.shares': '1024',
      'cpu.cfs_period_us': '100000',
      'cpu.cfs_quota_us': '50000',
      'cpuset.cpus': '0-1',
      'cpuset.mems': '0',
      'pids.max': '10',
    })
    expect(values(settingsV1({ memory: { limit: MB, swap: -1 }, pids: { limit: -1 } }))).toEqual({
      'memory.limit_in_bytes': String(MB),
      'memory.memsw.limit_in_bytes': '-1',
      'pids.max': 'max',
    })
  })

  it('of v2, which counts swap by itself', () => {
    expect(values(settingsV2(all))).toEqual({
      'memory.max': String(64 * MB),
      'memory.swap.max': String(32 * MB),
      'memory.low': String(MB),
      'cpu.weight': '100',
      'cpu.max': '50000 100000',
      'cpuset.cpus': '0-1',
      'cpuset.mems': '0',
      'pids.max': '10',
    })
    expect(values(settingsV2({ memory: { limit: MB, swap: -1 } }))['memory.swap.max']).toBe('max')
    expect(values(settingsV2({ memory: { limit: MB, swap: MB } }))['memory.swap.max']).toBe('0')
    expect(values(settingsV2({ cpu: { period: 5000 } }))['cpu.max']).toBe('max 5000')
    expect(values(settingsV2({ blockIO: { weight: 1000 } }))['io.weight']).toBe('default 10000')
    expect(values(settingsV2({ blockIO: { weight: 10 } }))['io.weight']).toBe('default 1')
  })

  it('are none where nothing is asked', () => {
    expect(settingsV1({})).toEqual([])
    expect(settingsV2({ memory: {}, cpu: {} })).toEqual([])
  })
})

describe('shares as a weight', () => {
  it.each([
    [2, 1],
    [1024, 100],
    [262144, 10000],
    [1, 1],
    [500000, 10000],
  ])('%i is %i', (shares, weight) => {
    expect(weightOfShares(shares)).toBe(weight)
  })

  it('grows with them, within the kernel’s bounds', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 262144 }), fc.integer({ min: 2, max: 262144 }), (a, b) => {
        const [low, high] = [weightOfShares(Math.min(a, b)), weightOfShares(Math.max(a, b))]
        expect(low).toBeLessThanOrEqual(high)
        expect(low).toBeGreaterThanOrEqual(1)
        expect(high).toBeLessThanOrEqual(10000)
      }),
    )
  })
})

describe('whether somebody asked', () => {
  it('is no for the limit that all containers have', () => {
    expect(isAsked({ pids: { limit: 2048 } })).toBe(false)
    expect(isAsked({ pids: { limit: -1 }, memory: { limit: undefined } })).toBe(false)
    expect(isAsked({ pids: { limit: 5 } })).toBe(true)
    expect(isAsked({ memory: { limit: 5 } })).toBe(true)
    expect(isAsked({ cpu: { cpus: '0' } })).toBe(true)
  })
})
