import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  deviceInstructions,
  encodeInstructions,
  type Instruction,
} from '../../../src/runtime/cgroups/device-program'
import { defaultDeviceRules } from '../../../src/specgen/devices'
import type { OciDeviceRule } from '../../../src/specgen/types'

const bits: Record<string, number> = { m: 1, r: 2, w: 4 }
const accessBits = (access: string) => [...access].reduce((sum, letter) => sum + (bits[letter] ?? 0), 0)

/** Runs the instructions as the kernel would: 32 bit loads from the context, jumps forwards only. */
const run = (
  program: readonly Instruction[],
  type: 'b' | 'c',
  access: string,
  major: number,
  minor: number,
) => {
  const context = [(accessBits(access) << 16) | (type === 'b' ? 1 : 2), major, minor]
  const registers = new Array<number>(11).fill(0)
  for (let at = 0; at < program.length; at++) {
    const { code, to, from, offset, value } = program[at] as Instruction
    const [a, b] = [registers[to] ?? 0, registers[from] ?? 0]
    switch (code) {
      case 0x61:
        if (from !== 1) throw new Error('loads from something else than the context')
        registers[to] = context[offset / 4] ?? 0
        break
      case 0x54:
        registers[to] = a & value
        break
      case 0x74:
        registers[to] = a >>> value
        break
      case 0xbc:
        registers[to] = b
        break
      case 0xb7:
        registers[to] = value
        break
      case 0x55:
        if (a !== value) at += offset
        break
      case 0x5d:
        if (a !== b) at += offset
        break
      case 0x15:
        if (a === value) at += offset
        break
      case 0x95:
        return registers[0] === 1
      default:
        throw new Error(`unknown instruction ${code.toString(16)}`)
    }
  }
  throw new Error('runs off the end')
}

const rule = (
  allow: boolean,
  type: 'a' | 'b' | 'c',
  major: number,
  minor: number,
  access: string,
): OciDeviceRule => ({
  allow,
  type,
  major,
  minor,
  access,
})

describe('the device program', () => {
  const usual = deviceInstructions(defaultDeviceRules)

  it.each([
    ['c', 'rw', 1, 3, true],
    ['c', 'r', 1, 9, true],
    ['c', 'rw', 136, 77, true],
    ['c', 'rw', 5, 2, true],
    ['c', 'm', 99, 99, true],
    ['b', 'm', 8, 0, true],
    ['b', 'r', 8, 0, false],
    ['c', 'r', 1, 1, false],
    ['c', 'rm', 1, 2, false],
    ['c', 'w', 10, 200, false],
  ] as const)('%s %s %i:%i is allowed: %s', (type, access, major, minor, allowed) => {
    expect(run(usual, type, access, major, minor)).toBe(allowed)
  })

  it('lets the last rule that fits win', () => {
    const program = deviceInstructions([
      rule(true, 'a', -1, -1, 'rwm'),
      rule(false, 'c', 10, -1, 'w'),
      rule(true, 'c', 10, 5, 'rw'),
    ])
    expect(run(program, 'b', 'rw', 8, 1)).toBe(true)
    expect(run(program, 'c', 'r', 10, 4)).toBe(true)
    expect(run(program, 'c', 'rw', 10, 4)).toBe(false)
    expect(run(program, 'c', 'rw', 10, 5)).toBe(true)
  })

  it('says no where there are no rules', () => {
    expect(run(deviceInstructions([]), 'c', 'r', 1, 3)).toBe(false)
  })

  it('agrees with the rules read one after the other', () => {
    const access = fc.subarray(['r', 'w', 'm'], { minLength: 1 }).map((letters) => letters.join(''))
    const number = fc.integer({ min: -1, max: 3 })
    const anyRule = fc
      .tuple(fc.boolean(), fc.constantFrom('a' as const, 'b' as const, 'c' as const), number, number, access)
      .map((parts) => rule(...parts))
    const request = fc.tuple(fc.constantFrom('b' as const, 'c' as const), access, fc.nat(3), fc.nat(3))
    const fits = (one: OciDeviceRule, [type, wanted, major, minor]: ['b' | 'c', string, number, number]) =>
      (one.type === 'a' || one.type === type) &&
      (one.major < 0 || one.major === major) &&
      (one.minor < 0 || one.minor === minor) &&
      (one.allow
        ? [...wanted].every((letter) => one.access.includes(letter))
        : [...wanted].some((letter) => one.access.includes(letter)))
    fc.assert(
      fc.property(fc.array(anyRule, { maxLength: 8 }), request, (rules, wanted) => {
        const decisive = rules.findLast((one) => fits(one, wanted))
        expect(run(deviceInstructions(rules), ...wanted)).toBe(decisive?.allow ?? false)
      }),
      { numRuns: 500 },
    )
  })

  it('is encoded as struct bpf_insn', () => {
    const [load] = deviceInstructions([])
    expect(encodeInstructions([load as Instruction]).toString('hex')).toBe('6112000000000000')
    const [, exit] = deviceInstructions([]).slice(-2)
    expect(encodeInstructions([exit as Instruction]).toString('hex')).toBe('9500000000000000')
    const jump = { code: 0x55, to: 4, from: 0, offset: 2, value: 136 }
    expect(encodeInstructions([jump]).toString('hex')).toBe('5504020088000000')
  })
})
