/** The 512-byte header of a tar entry: ustar, GNU, and the old format without a magic. Names are bytes as latin1 text. */
import { TspodError } from '../../errors'

export const BLOCK = 512

export interface TarHeader {
  name: string
  linkName: string
  /** The type flag as a character; `0` for a plain file. */
  flag: string
  mode: number
  uid: number
  gid: number
  size: number
  seconds: number
  major: number
  minor: number
  /** The header itself, for what only some types hold. */
  block: Buffer
}

export const damaged = (problem: string): TspodError =>
  new TspodError('damaged', `archive is damaged: ${problem}`)

/** Bytes up to the first NUL, as latin1 text. */
const text = (block: Buffer, at: number, length: number): string => {
  const end = block.indexOf(0, at)
  return block.toString('latin1', at, end === -1 || end > at + length ? at + length : end)
}

// GNU's base-256: the first bit is set, the second is the sign.
const base256 = (field: Buffer): number => {
  const negative = (field[0]! & 0x40) !== 0
  let value = 0n
  for (let at = 0; at < field.length; at++) {
    const byte = at === 0 ? field[0]! & 0x7f : field[at]!
    value = (value << 8n) | BigInt(byte)
  }
  if (negative) value -= 1n << BigInt(field.length * 8 - 1)
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw damaged('a number is out of range')
  return number
}

/** An octal number with blanks and NULs around it, or GNU's binary form. */
export const tarNumber = (block: Buffer, at: number, length: number): number => {
  if (block[at]! & 0x80) return base256(block.subarray(at, at + length))
  let value = 0
  let digits = false
  for (let i = at; i < at + length; i++) {
    const byte = block[i]!
    if (byte >= 0x30 && byte <= 0x37) {
      value = value * 8 + (byte - 0x30)
      digits = true
    } else if (byte === 0 || byte === 0x20) {
      if (digits) break
    } else throw damaged('a header holds no number where one belongs')
  }
  return value
}

// Some old programs summed signed bytes.
const checkSum = (block: Buffer): void => {
  let unsigned = 8 * 32
  let signed = 8 * 32
  for (let at = 0; at < BLOCK; at++) {
    if (at >= 148 && at < 156) continue
    const byte = block[at]!
    unsigned += byte
    signed += byte > 127 ? byte - 256 : byte
  }
  const stored = tarNumber(block, 148, 8)
  if (stored !== unsigned && stored !== signed) throw damaged('a header has a wrong checksum')
}

const MAGIC = 257

/** Parses a header block; undefined for a block of zeros, which ends an archive. */
export const parseHeader = (block: Buffer): TarHeader | undefined => {
  if (block[0] === 0 && block.every((byte) => byte === 0)) return undefined
  checkSum(block)
  const ustar = block.toString('latin1', MAGIC, MAGIC + 6) === 'ustar\0'
  const prefix = ustar ? text(block, 345, 155) : ''
  const name = text(block, 0, 100)
  const flag = block[156] === 0 ? '0' : String.fromCharCode(block[156]!)
  // Some writers leave rubbish in the fields that only device nodes have.
  const device = (flag === '3' || flag === '4') && block.toString('latin1', MAGIC, MAGIC + 5) === 'ustar'
  return {
    name: prefix ? `${prefix}/${name}` : name,
    linkName: text(block, 157, 100),
    flag,
    mode: tarNumber(block, 100, 8) & 0o7777,
    uid: tarNumber(block, 108, 8),
    gid: tarNumber(block, 116, 8),
    size: tarNumber(block, 124, 12),
    seconds: tarNumber(block, 136, 12),
    major: device ? tarNumber(block, 329, 8) : 0,
    minor: device ? tarNumber(block, 337, 8) : 0,
    block,
  }
}
