/** What a program's ELF headers say about what it loads (elf(5)), read without running anything. */
import { closeSync, openSync, readSync } from 'node:fs'

export interface Elf {
  /** 32 or 64. */
  bits: number
  /** e_machine: libraries must have the same. */
  machine: number
  interpreter?: string
  needed: string[]
  /** DT_RPATH: searched for what the object needs, and for what that needs. */
  rpath: string[]
  /** DT_RUNPATH: searched for what the object itself needs. */
  runpath: string[]
}

const PT = { LOAD: 1, DYNAMIC: 2, INTERP: 3 } as const
const DT = { NEEDED: 1, STRTAB: 5, RPATH: 15, RUNPATH: 29 } as const
/** Larger than any sound table of segments, or of the dynamic section. */
const MAX_PART = 1 << 20
const MAX_WORD = 4096

type Read = (offset: number, length: number) => Buffer

interface Segment {
  type: number
  offset: number
  address: number
  size: number
}

/** Fields that differ in place and width between 32 and 64 bits, in either byte order. */
const fieldsOf = (little: boolean, wide: boolean) => {
  const u16 = (b: Buffer, at: number) => (little ? b.readUInt16LE(at) : b.readUInt16BE(at))
  const u32 = (b: Buffer, at: number) => (little ? b.readUInt32LE(at) : b.readUInt32BE(at))
  const u64 = (b: Buffer, at: number) => Number(little ? b.readBigUInt64LE(at) : b.readBigUInt64BE(at))
  return { u16, u32, word: wide ? u64 : u32 }
}

type Fields = ReturnType<typeof fieldsOf>

const segmentsOf = (head: Buffer, read: Read, { u16, u32, word }: Fields, wide: boolean): Segment[] => {
  const offset = word(head, wide ? 32 : 28)
  const size = u16(head, wide ? 54 : 42)
  const count = u16(head, wide ? 56 : 44)
  const table = read(offset, size * count)
  return Array.from({ length: count }, (_, index) => {
    const at = index * size
    return {
      type: u32(table, at),
      offset: word(table, at + (wide ? 8 : 4)),
      address: word(table, at + (wide ? 16 : 8)),
      size: word(table, at + (wide ? 32 : 16)),
    }
  })
}

const text = (bytes: Buffer, at: number): string => {
  const end = bytes.indexOf(0, at)
  return bytes.toString('latin1', at, end === -1 ? bytes.length : end)
}

const dynamicOf = (segment: Segment, read: Read, { word }: Fields, wide: boolean): [number, number][] => {
  const width = wide ? 8 : 4
  const table = read(segment.offset, segment.size)
  const entries: [number, number][] = []
  for (let at = 0; at + 2 * width <= table.length; at += 2 * width) {
    const tag = word(table, at)
    if (tag === 0) break
    entries.push([tag, word(table, at + width)])
  }
  return entries
}

const parse = (read: Read): Elf | undefined => {
  const head = read(0, 64)
  if (head.toString('latin1', 0, 4) !== '\x7fELF') return undefined
  const wide = head[4] === 2
  const fields = fieldsOf(head[5] === 1, wide)
  const segments = segmentsOf(head, read, fields, wide)
  const interp = segments.find(({ type }) => type === PT.INTERP)
  const dynamic = segments.find(({ type }) => type === PT.DYNAMIC)
  const entries = dynamic ? dynamicOf(dynamic, read, fields, wide) : []
  const value = (tag: number) => entries.find(([one]) => one === tag)?.[1]
  const address = value(DT.STRTAB) ?? 0
  const holder = segments.find(
    (segment) =>
      segment.type === PT.LOAD && address >= segment.address && address < segment.address + segment.size,
  )
  // Node's own table has megabytes of symbols, so the few words that matter are read one by one.
  const word = (at: number) =>
    holder ? text(read(holder.offset + address - holder.address + at, MAX_WORD), 0) : ''
  const words = (tag: number) => entries.filter(([one]) => one === tag).map(([, at]) => word(at))
  const paths = (tag: number) => words(tag).flatMap((list) => list.split(':').filter(Boolean))
  return {
    bits: wide ? 64 : 32,
    machine: fields.u16(head, 18),
    ...(interp && { interpreter: text(read(interp.offset, interp.size), 0) }),
    needed: words(DT.NEEDED),
    rpath: paths(DT.RPATH),
    runpath: paths(DT.RUNPATH),
  }
}

/** The headers of an ELF file; undefined for any other file, or a garbled one. */
export const readElf = (path: string): Elf | undefined => {
  const fd = openSync(path, 'r')
  try {
    return parse((offset, length) => {
      if (length > MAX_PART) throw new RangeError('ELF header too large')
      const bytes = Buffer.alloc(length)
      return bytes.subarray(0, readSync(fd, bytes, 0, length, offset))
    })
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  } finally {
    closeSync(fd)
  }
}

/** The interpreter and its argument of a script's first line. */
export const readShebang = (path: string): string[] | undefined => {
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.alloc(256)
    const line = bytes.toString('latin1', 0, readSync(fd, bytes, 0, 256, 0)).split('\n', 1)[0] ?? ''
    return line.startsWith('#!') ? line.slice(2).trim().split(/\s+/) : undefined
  } finally {
    closeSync(fd)
  }
}
