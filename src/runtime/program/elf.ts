import type { Arch } from '../../kernel/numbers'
import { DATA_ADDRESS, DATA_OFFSET, interpreterCode } from './interpreter'

const ELF_HEADER_BYTES = 64
const PROGRAM_HEADER_BYTES = 56
const CODE_OFFSET = ELF_HEADER_BYTES + 3 * PROGRAM_HEADER_BYTES
const CODE_ADDRESS = 0x400000 + CODE_OFFSET
// The largest page of arm64; address and offset of a segment agree modulo this, so the file needs no padding.
const ALIGNMENT = 0x10000

const MACHINE: Record<Arch, number> = { x64: 62, arm64: 183 }
const PT_LOAD = 1
const PT_GNU_STACK = 0x6474e551
const [EXECUTE, WRITE, READ] = [1, 2, 4] as const

const programHeader = (
  type: number,
  flags: number,
  offset: number,
  address: number,
  size: number,
): Buffer => {
  const header = Buffer.alloc(PROGRAM_HEADER_BYTES)
  header.writeUInt32LE(type, 0)
  header.writeUInt32LE(flags, 4)
  header.writeBigUInt64LE(BigInt(offset), 8)
  header.writeBigUInt64LE(BigInt(address), 16)
  header.writeBigUInt64LE(BigInt(address), 24)
  header.writeBigUInt64LE(BigInt(size), 32)
  header.writeBigUInt64LE(BigInt(size), 40)
  header.writeBigUInt64LE(BigInt(type === PT_LOAD ? ALIGNMENT : 16), 48)
  return header
}

const elfHeader = (arch: Arch): Buffer => {
  const header = Buffer.alloc(ELF_HEADER_BYTES)
  // Magic, 64 bits, little endian, version 1; the rest of e_ident is zero.
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1])
  header.writeUInt16LE(2, 16) // ET_EXEC
  header.writeUInt16LE(MACHINE[arch], 18)
  header.writeUInt32LE(1, 20) // EV_CURRENT
  header.writeBigUInt64LE(BigInt(CODE_ADDRESS), 24)
  header.writeBigUInt64LE(BigInt(ELF_HEADER_BYTES), 32)
  header.writeUInt16LE(ELF_HEADER_BYTES, 52)
  header.writeUInt16LE(PROGRAM_HEADER_BYTES, 54)
  header.writeUInt16LE(3, 56)
  return header
}

/** A static executable of the interpreter and `data`, which it finds at `DATA_ADDRESS`. Source: elf(5). */
export const writeElf = (arch: Arch, data: Uint8Array): Buffer => {
  const code = interpreterCode(arch)
  const file = Buffer.alloc(DATA_OFFSET + data.length)
  Buffer.concat([
    elfHeader(arch),
    programHeader(PT_LOAD, READ | EXECUTE, CODE_OFFSET, CODE_ADDRESS, code.length),
    programHeader(PT_LOAD, READ | WRITE, DATA_OFFSET, DATA_ADDRESS, data.length),
    programHeader(PT_GNU_STACK, READ | WRITE, 0, 0, 0),
    code,
  ]).copy(file)
  file.set(data, DATA_OFFSET)
  return file
}
