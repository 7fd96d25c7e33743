import { describe, expect, it } from 'vitest'
import { humanSize, parseGoInt, parseGoUint, ramInBytes } from '../../../src/specgen/go-numbers'
import { parseSignal, signalName } from '../../../src/specgen/signals'
import { messageOf } from './facts'

describe('sizes', () => {
  it.each([
    ['64m', 64 * 2 ** 20],
    ['1', 1],
    ['1b', 1],
    ['1.5k', 1536],
    ['2 GiB', 2 ** 31],
    ['3MB', 3 * 2 ** 20],
    ['1t', 2 ** 40],
  ])('%s', (text, bytes) => {
    expect(ramInBytes(text)).toBe(bytes)
  })

  it('counts human sizes in thousands', () => {
    expect(humanSize('10mb')).toBe(10_000_000)
  })

  it.each([
    ['', "invalid size: ''"],
    ['abc', "invalid size: 'abc'"],
    ['-1', "invalid size: '-1'"],
    ['-1m', "invalid size: '-1m'"],
    ['1x', "invalid suffix: 'x'"],
    ['1bb', "invalid suffix: 'bb'"],
    ['1mib8', 'strconv.ParseFloat: parsing "1mib8": invalid syntax'],
    ['1kibi', "invalid suffix: 'kibi'"],
  ])('refuses %j', (text, message) => {
    expect(messageOf(() => ramInBytes(text))).toBe(message)
  })
})

describe('integers', () => {
  it('reads and bounds them as Go does', () => {
    expect(parseGoInt('-12')).toBe(-12)
    expect(messageOf(() => parseGoInt('1.0'))).toBe('strconv.ParseInt: parsing "1.0": invalid syntax')
    expect(messageOf(() => parseGoUint('4294967296', 32))).toBe(
      'strconv.ParseUint: parsing "4294967296": value out of range',
    )
  })
})

describe('signals', () => {
  it.each([
    ['TERM', 15],
    ['sigkill', 9],
    ['-HUP', 1],
    ['9', 9],
    ['RTMIN+3', 37],
    ['SIGRTMAX-1', 63],
    ['RTMIN', 34],
    ['POLL', 29],
  ])('%s', (text, number) => {
    expect(parseSignal(text)).toBe(number)
  })

  it.each([
    ['FOO', 'invalid signal: FOO'],
    ['0', 'invalid signal: 0'],
    ['65', 'valid signals are 1 through 64'],
    ['RTMIN-1', 'invalid signal: RTMIN-1'],
    ['', 'invalid signal: '],
  ])('refuses %j', (text, message) => {
    expect(messageOf(() => parseSignal(text))).toBe(message)
  })

  it('names every number so that it can be read again', () => {
    for (let number = 1; number <= 64; number++) {
      if (number === 32 || number === 33) continue
      expect(parseSignal(signalName(number))).toBe(number)
    }
  })
})
