import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toJson } from '../../../src/cli/go-json'
import {
  formatAnsi,
  formatRfc3339,
  formatTime,
  parseInputTime,
  parseUntilFilter,
} from '../../../src/cli/go-time'

const before = process.env.TZ
const at = (iso: string): Date => new Date(iso)

afterEach(() => {
  if (before === undefined) delete process.env.TZ
  else process.env.TZ = before
})

describe('in UTC', () => {
  beforeEach(() => {
    process.env.TZ = 'UTC'
  })

  it.each([
    ['2026-11-22T03:04:05.678Z', '2026-11-22 03:04:05.678 +0000 UTC'],
    ['2026-11-22T03:04:05.600Z', '2026-11-22 03:04:05.6 +0000 UTC'],
    ['2026-01-02T03:04:05.000Z', '2026-01-02 03:04:05 +0000 UTC'],
  ])('prints %s', (iso, text) => {
    expect(formatTime(at(iso))).toBe(text)
  })

  it('prints RFC 3339 and the old form of ctime', () => {
    expect(formatRfc3339(at('2026-11-22T03:04:05.670Z'))).toBe('2026-11-22T03:04:05.67Z')
    expect(formatAnsi(at('2026-11-02T03:04:05Z'))).toBe('Mon Nov  2 03:04:05 2026')
    expect(toJson({ T: at('2026-11-22T03:04:05Z') })).toBe('{"T":"2026-11-22T03:04:05Z"}')
  })
})

it('prints another zone with its name and offset', () => {
  process.env.TZ = 'Europe/Berlin'
  expect(formatTime(at('2026-07-01T10:00:00Z'))).toMatch(/^2026-07-01 12:00:00 \+0200 (CEST|\+02)$/)
  expect(formatTime(at('2026-01-01T10:00:00Z'))).toMatch(/^2026-01-01 11:00:00 \+0100 (CET|\+01)$/)
  expect(formatRfc3339(at('2026-07-01T10:00:00Z'))).toBe('2026-07-01T12:00:00+02:00')
})

describe('--since and --until', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')

  it.each([
    ['2026-11-22T03:04:05Z', '2026-11-22T03:04:05.000Z'],
    ['2026-11-22T03:04:05.123456789Z', '2026-11-22T03:04:05.123Z'],
    ['2026-11-22T03:04:05+02:00', '2026-11-22T01:04:05.000Z'],
    ['2026-11-22T03:04:05', '2026-11-22T03:04:05.000Z'],
    ['2026-11-22', '2026-11-22T00:00:00.000Z'],
    ['1700000000', '2023-11-14T22:13:20.000Z'],
    ['1700000000.5', '2023-11-14T22:13:20.500Z'],
    ['10m', '2026-11-22T11:50:00.000Z'],
    ['1h30m', '2026-11-22T10:30:00.000Z'],
  ])('since %s', (text, iso) => {
    expect(parseInputTime(text, 'since', now).toISOString()).toBe(iso)
  })

  it('until a duration lies ahead', () => {
    expect(parseInputTime('10m', 'until', now).toISOString()).toBe('2026-11-22T12:10:00.000Z')
  })

  it.each(['', 'yesterday', '2026-13-01', '2026-02-30', '10'.concat('x')])('refuses %j', (text) => {
    expect(() => parseInputTime(text, 'since', now)).toThrow('unable to interpret time value')
  })
})

describe('the until filter', () => {
  const now = Date.parse('2026-11-22T12:00:00Z')

  it('reads a duration ago, a date and seconds', () => {
    process.env.TZ = 'UTC'
    expect(parseUntilFilter('24h', now).toISOString()).toBe('2026-11-21T12:00:00.000Z')
    expect(parseUntilFilter('2026-11-01', now).toISOString()).toBe('2026-11-01T00:00:00.000Z')
    expect(parseUntilFilter('2026-11-01T10:11', now).toISOString()).toBe('2026-11-01T10:11:00.000Z')
    expect(parseUntilFilter('1700000000', now).toISOString()).toBe('2023-11-14T22:13:20.000Z')
  })

  it('refuses anything else', () => {
    expect(() => parseUntilFilter('soon', now)).toThrow('failed to parse value as time or duration: "soon"')
  })
})
