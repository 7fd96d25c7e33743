import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatDuration, parseDuration } from '../../../src/cli/go-duration'
import {
  bytesSize,
  fromHumanSize,
  humanDuration,
  humanSize,
  humanSizeWithPrecision,
  ramInBytes,
} from '../../../src/cli/units'

const SECOND = 1000
const HOUR = 3600 * SECOND
const DAY = 24 * HOUR

describe('sizes', () => {
  it.each([
    [0, '0B'],
    [999, '999B'],
    [1000, '1kB'],
    [1024, '1.024kB'],
    [1_000_000, '1MB'],
    [1_048_576, '1.049MB'],
    [2_746_000, '2.746MB'],
    [1_000_000_000, '1GB'],
    [3.42e12, '3.42TB'],
    [12345, '12.35kB'],
    [999_999, '1000kB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(humanSize(bytes)).toBe(text)
  })

  it('takes a precision', () => {
    expect(humanSizeWithPrecision(1_234_567, 3)).toBe('1.23MB')
    expect(humanSizeWithPrecision(123_456_789, 3)).toBe('123MB')
  })

  it('counts in 1024 where asked', () => {
    expect(bytesSize(1_048_576)).toBe('1MiB')
    expect(bytesSize(1536)).toBe('1.5KiB')
  })

  it.each([
    ['32', 32],
    ['32b', 32],
    ['32B', 32],
    ['32k', 32 * 1024],
    ['32K', 32 * 1024],
    ['32kb', 32 * 1024],
    ['32KiB', 32 * 1024],
    ['32 kb', 32 * 1024],
    ['1.5m', 1.5 * 1024 ** 2],
    ['.3kB', 307],
    ['2G', 2 * 1024 ** 3],
    ['1Pb', 1024 ** 5],
  ])('%s of memory are %d bytes', (text, bytes) => {
    expect(ramInBytes(text)).toBe(bytes)
  })

  it('counts in 1000 where asked', () => {
    expect(fromHumanSize('32kB')).toBe(32_000)
    expect(fromHumanSize('1.5MB')).toBe(1_500_000)
  })

  it.each([
    ['', "invalid size: ''"],
    ['hello', "invalid size: 'hello'"],
    ['-32', "invalid size: '-32'"],
    [' 32 ', 'strconv.ParseFloat: parsing " 32": invalid syntax'],
    ['32m b', 'strconv.ParseFloat: parsing "32m": invalid syntax'],
    ['32bm', "invalid suffix: 'bm'"],
    ['32x', "invalid suffix: 'x'"],
    ['32kbib', "invalid suffix: 'kbib'"],
  ])('%j is no size', (text, message) => {
    expect(() => ramInBytes(text)).toThrow(message)
  })
})

describe('how long', () => {
  it.each([
    [450, 'Less than a second'],
    [SECOND, '1 second'],
    [45 * SECOND, '45 seconds'],
    [60 * SECOND, 'About a minute'],
    [3 * 60 * SECOND, '3 minutes'],
    [59 * 60 * SECOND, '59 minutes'],
    [HOUR, 'About an hour'],
    [1.4 * HOUR, 'About an hour'],
    [1.5 * HOUR, '2 hours'],
    [35 * HOUR, '35 hours'],
    [2 * DAY, '2 days'],
    [13 * DAY, '13 days'],
    [14 * DAY, '2 weeks'],
    [60 * DAY, '2 months'],
    [729 * DAY, '24 months'],
    [730 * DAY, '2 years'],
  ])('%d ms: %s', (milliseconds, text) => {
    expect(humanDuration(milliseconds)).toBe(text)
  })
})

describe('durations', () => {
  it.each([
    ['0', 0n],
    ['5s', 5_000_000_000n],
    ['1h2m3.5s', 3_723_500_000_000n],
    ['-1.5h', -5_400_000_000_000n],
    ['+5ms', 5_000_000n],
    ['1us2µs3μs', 6000n],
    ['.5s', 500_000_000n],
    ['1.s', 1_000_000_000n],
    ['39h9m14.425s', 140_954_425_000_000n],
  ])('reads %s', (text, nanoseconds) => {
    expect(parseDuration(text)).toBe(nanoseconds)
  })

  it.each([
    ['', 'time: invalid duration ""'],
    ['3', 'time: missing unit in duration "3"'],
    ['-', 'time: invalid duration "-"'],
    ['s', 'time: invalid duration "s"'],
    ['.s', 'time: invalid duration ".s"'],
    ['1d', 'time: unknown unit "d" in duration "1d"'],
    ['9223372036854775808ns', 'time: invalid duration "9223372036854775808ns"'],
  ])('refuses %j', (text, message) => {
    expect(() => parseDuration(text)).toThrow(message)
  })

  it.each([
    [0n, '0s'],
    [1n, '1ns'],
    [1100n, '1.1µs'],
    [2_200_000n, '2.2ms'],
    [3_300_000_000n, '3.3s'],
    [245_000_000_000n, '4m5s'],
    [3_605_000_000_000n, '1h0m5s'],
    [-60_000_000_000n, '-1m0s'],
  ])('prints %d as %s', (nanoseconds, text) => {
    expect(formatDuration(nanoseconds)).toBe(text)
  })

  it('reads what it prints', () => {
    const range = { min: -(2n ** 62n), max: 2n ** 62n }
    fc.assert(fc.property(fc.bigInt(range), (value) => parseDuration(formatDuration(value)) === value))
  })
})
