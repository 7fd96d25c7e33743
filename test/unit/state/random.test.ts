import { describe, expect, it } from 'vitest'
import { randomBelow, randomBytes } from '../../../src/state/random'

describe('randomness', () => {
  it('gives as many bytes as asked for, never twice the same', () => {
    const seen = new Set(Array.from({ length: 100 }, () => randomBytes(32).toString('hex')))
    expect(seen.size).toBe(100)
    expect(randomBytes(32)).toHaveLength(32)
  })

  it('gives every number below the limit, and no other', () => {
    const seen = new Set(Array.from({ length: 1000 }, () => randomBelow(7)))
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6])
  })
})
