import { describe, expect, it } from 'vitest'
import { createClock, formatTime } from '../../../src/runtime/monitor/clock'

describe('clock', () => {
  it('takes the fraction from the monotonic clock', () => {
    let wall = 1_000_000
    let nanoseconds = 5_000_123
    const clock = createClock({ wall: () => wall, monotonic: () => [7, nanoseconds] })
    expect(clock()).toEqual({ milliseconds: 1_000_000, nanoseconds: 123 })
    wall += 1
    nanoseconds += 900_000
    expect(clock()).toEqual({ milliseconds: 1_000_000, nanoseconds: 900_123 })
    nanoseconds += 200_000
    expect(clock()).toEqual({ milliseconds: 1_000_001, nanoseconds: 100_123 })
  })

  it('follows a step of the wall clock', () => {
    let wall = 1_000_000
    const clock = createClock({ wall: () => wall, monotonic: () => [7, 0] })
    clock()
    wall = 900_000
    expect(clock().milliseconds).toBe(900_000)
  })

  it('writes RFC 3339 with nine digits', () => {
    const text = formatTime({ milliseconds: Date.UTC(2024, 1, 29, 3, 4, 5, 6), nanoseconds: 78 })
    expect(text).toMatch(/^2024-02-29T\d\d:\d\d:05\.006000078(Z|[+-]\d\d:\d\d)$/)
    expect(Date.parse(text)).toBe(Date.UTC(2024, 1, 29, 3, 4, 5, 6))
  })
})
