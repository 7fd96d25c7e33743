/** Sparse files in their four forms: GNU's old headers, and PAX 0.0, 0.1 and 1.0. */
import { type PaxRecords, paxInteger, paxName } from './pax'
import { BLOCK, damaged, type TarHeader, tarNumber } from './tar-header'

/** Where the stored bytes belong, in order; the rest of the file is a hole. */
export interface SparseMap {
  /** Size of the file with its holes. */
  size: number
  segments: { offset: number; length: number }[]
}

const checkMap = (map: SparseMap, stored: number): SparseMap => {
  let end = 0
  let sum = 0
  for (const { offset, length } of map.segments) {
    if (offset < end || length < 0 || offset + length > map.size) throw damaged('a sparse map makes no sense')
    end = offset + length
    sum += length
  }
  if (map.size < 0 || sum !== stored) throw damaged('a sparse map does not fit its file')
  return map
}

const ENTRY = 24
const oldEntries = (block: Buffer, at: number, count: number, segments: SparseMap['segments']): void => {
  for (let i = 0; i < count; i++) {
    const entry = at + i * ENTRY
    if (block[entry] === 0) break
    segments.push({ offset: tarNumber(block, entry, 12), length: tarNumber(block, entry + 12, 12) })
  }
}

/** Reads GNU's old form: four segments in the header, 21 in each block that follows while there are more. */
export const openOldSparse = (header: TarHeader) => {
  const segments: SparseMap['segments'] = []
  oldEntries(header.block, 386, 4, segments)
  const size = tarNumber(header.block, 483, 12)
  let more = header.block[482] !== 0
  return {
    /** Whether another block of segments follows. */
    more: () => more,
    push: (block: Buffer): void => {
      oldEntries(block, 0, 21, segments)
      more = block[504] !== 0
    },
    map: (): SparseMap => checkMap({ size, segments }, header.size),
  }
}

/** What an extended header says of a sparse file; undefined where the file is none. */
export interface PaxSparse {
  name: string | undefined
  size: number
  /** The map itself, or undefined where it stands before the data (1.0). */
  segments: SparseMap['segments'] | undefined
}

const pairs = (numbers: readonly number[]): SparseMap['segments'] => {
  if (numbers.length % 2 || numbers.some((number) => !Number.isSafeInteger(number)))
    throw damaged('a sparse map is garbled')
  const segments: SparseMap['segments'] = []
  for (let i = 0; i < numbers.length; i += 2) segments.push({ offset: numbers[i]!, length: numbers[i + 1]! })
  return segments
}

/** `repeated` holds the numbers of the records that 0.0 repeats: offset, length, offset, length. */
export const paxSparse = (records: PaxRecords, repeated: readonly number[]): PaxSparse | undefined => {
  const major = paxInteger(records, 'GNU.sparse.major')
  const size = paxInteger(records, 'GNU.sparse.realsize') ?? paxInteger(records, 'GNU.sparse.size')
  if (size === undefined) return undefined
  const name = paxName(records, 'GNU.sparse.name')
  if (major !== undefined && major >= 1) return { name, size, segments: undefined }
  const list = records.get('GNU.sparse.map')?.toString('latin1')
  const numbers = list === undefined ? repeated : list === '' ? [] : list.split(',').map(Number)
  return { name, size, segments: pairs(numbers) }
}

/** Completes a PAX map that came in the header. */
export const headerMap = (sparse: PaxSparse, stored: number): SparseMap =>
  checkMap({ size: sparse.size, segments: sparse.segments ?? [] }, stored)

const MAX_SEGMENTS = 1_000_000

/** Reads the map that PAX 1.0 puts before the data: decimal numbers, one a line, filled up to whole blocks. */
export const openDataMap = (sparse: PaxSparse, storedWithMap: number) => {
  const numbers: number[] = []
  let digits = ''
  let blocks = 0
  const wanted = () => (numbers.length ? 1 + 2 * numbers[0]! : Number.POSITIVE_INFINITY)
  return {
    more: () => numbers.length < wanted(),
    push: (block: Buffer): void => {
      blocks++
      for (const byte of block) {
        if (numbers.length >= wanted()) break
        if (byte >= 0x30 && byte <= 0x39 && digits.length < 16) digits += String.fromCharCode(byte)
        else if (byte === 0x0a && digits) {
          numbers.push(Number(digits))
          digits = ''
        } else throw damaged('a sparse map is garbled')
      }
      if (numbers[0]! > MAX_SEGMENTS) throw damaged('a sparse map has too many parts')
    },
    map: (): SparseMap =>
      checkMap({ size: sparse.size, segments: pairs(numbers.slice(1)) }, storedWithMap - blocks * BLOCK),
    /** Bytes that the map took from the entry's data. */
    taken: () => blocks * BLOCK,
  }
}

/** Tells where each stored chunk goes. */
export const openSparseWriter = (map: SparseMap, write: (bytes: Buffer, offset: number) => void) => {
  let index = 0
  let within = 0
  return (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length; ) {
      const segment = map.segments[index]
      if (!segment) throw damaged('a sparse file holds more than its map')
      const take = Math.min(segment.length - within, chunk.length - at)
      if (take > 0) write(chunk.subarray(at, at + take), segment.offset + within)
      at += take
      within += take
      if (within === segment.length) {
        index++
        within = 0
      }
    }
  }
}
