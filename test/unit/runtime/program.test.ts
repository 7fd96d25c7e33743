import { describe, expect, it } from 'vitest'
import { MOUNT_ATTR, MS } from '../../../src/kernel/constants'
import { capabilityMask } from '../../../src/runtime/init/capabilities'
import { deviceNumber } from '../../../src/runtime/init/devices'
import { readMountOptions } from '../../../src/runtime/init/mount-options'
import {
  DATA_ADDRESS,
  DATA_OFFSET,
  Header,
  RECORD_BYTES,
  Word,
} from '../../../src/runtime/program/interpreter'
import { pauseProgram } from '../../../src/runtime/program/pause'
import { SyscallProgram } from '../../../src/runtime/program/program'

const word = (elf: Buffer, address: number) =>
  Number(elf.readBigUInt64LE(address - DATA_ADDRESS + DATA_OFFSET))

const recordsOf = (elf: Buffer, count: number) => {
  const first = word(elf, DATA_ADDRESS + Header.firstRecord * 8)
  return Array.from({ length: count }, (_, index) => first + index * RECORD_BYTES)
}

describe('a program of system calls', () => {
  it('has a record for each step, in order, with the numbers of the architecture', () => {
    for (const [arch, getpid, exit] of [
      ['x64', 39, 231],
      ['arm64', 172, 94],
    ] as const) {
      const program = new SyscallProgram(arch)
      program.step('getpid', [], 'first')
      program.step('exit_group', [7], 'second')
      const { elf, notes } = program.compile()
      const [first, second] = recordsOf(elf, 2)
      expect(word(elf, first!)).toBe(getpid)
      expect(word(elf, first! + Word.onSuccess * 8)).toBe(second)
      expect(word(elf, second!)).toBe(exit)
      expect(word(elf, second! + Word.argument * 8)).toBe(7)
      expect(notes.map((note) => note.doing)).toEqual(['first', 'second'])
    }
  })

  it('points at strings, and keeps each once', () => {
    const program = new SyscallProgram('x64')
    program.step('chdir', ['/somewhere'], 'a')
    program.step('chdir', ['/somewhere'], 'b')
    const { elf } = program.compile()
    const [first, second] = recordsOf(elf, 2).map((record) => word(elf, record + Word.argument * 8))
    expect(first).toBe(second)
    const at = first! - DATA_ADDRESS + DATA_OFFSET
    expect(elf.subarray(at, at + 11).toString('latin1')).toBe('/somewhere\0')
  })

  it('passes a result on through a cell', () => {
    const program = new SyscallProgram('x64')
    const cell = program.cell()
    program.step('getpid', [], 'make', { store: cell })
    program.step('close', [cell], 'use')
    const { elf } = program.compile()
    const [first, second] = recordsOf(elf, 2)
    expect(word(elf, first! + Word.store * 8)).toBe(cell.address)
    expect(word(elf, second! + Word.argument * 8)).toBe(cell.address)
    expect(word(elf, second! + Word.cells * 8)).toBe(1)
  })

  it('goes to labels before and behind', () => {
    const program = new SyscallProgram('x64')
    const [back, ahead] = [program.label(), program.label()]
    program.place(back)
    program.step('getpid', [], '0', { allow: [2], otherwise: ahead })
    program.step('getpid', [], '1', { next: back })
    program.place(ahead)
    program.step('exit_group', [0], '2')
    const { elf } = program.compile()
    const [zero, one, two] = recordsOf(elf, 3)
    expect(word(elf, zero! + Word.onAllowed * 8)).toBe(two)
    expect(word(elf, one! + Word.onSuccess * 8)).toBe(zero)
    expect(word(elf, zero! + Word.allowed * 8)).toBe(2)
  })

  it('makes a pause of less than two kilobytes for both architectures', () => {
    for (const arch of ['x64', 'arm64'] as const) {
      const elf = pauseProgram(arch)
      expect(elf.length).toBeLessThan(2048)
      expect(elf.subarray(0, 4).toString('latin1')).toBe('\x7fELF')
      expect(elf.readUInt16LE(18)).toBe(arch === 'x64' ? 62 : 183)
    }
  })
})

describe('mount options', () => {
  it('sorts words by who takes them', () => {
    const read = readMountOptions(['rbind', 'ro', 'nosuid', 'rslave', 'size=1m', 'mode=755'])
    expect(read).toEqual({
      flags: MS.RDONLY | MS.NOSUID,
      set: MOUNT_ATTR.RDONLY | MOUNT_ATTR.NOSUID,
      clear: 0,
      propagation: MS.SLAVE,
      recursive: true,
      data: 'size=1m,mode=755',
    })
  })

  it('lets the last of two opposites win', () => {
    expect(readMountOptions(['ro', 'rw'])).toMatchObject({ set: 0, clear: MOUNT_ATTR.RDONLY, flags: 0 })
    expect(readMountOptions(['rw', 'ro'])).toMatchObject({
      set: MOUNT_ATTR.RDONLY,
      clear: 0,
      flags: MS.RDONLY,
    })
  })
})

it('interleaves device numbers as the kernel does', () => {
  expect(deviceNumber(1, 3)).toBe(0x103)
  expect(deviceNumber(10, 200)).toBe(0xac8)
  expect(deviceNumber(259, 0x12345)).toBe(0x12310345)
})

it('numbers capabilities as linux/capability.h does', () => {
  expect(capabilityMask(['CAP_CHOWN', 'CAP_NET_RAW', 'CAP_CHECKPOINT_RESTORE'])).toBe(
    (1n << 0n) | (1n << 13n) | (1n << 40n),
  )
})
