/** Tar archives written byte by byte, so that tests can write what no program would. */

export interface RawEntry {
  name?: string | Buffer
  flag?: string
  mode?: number
  uid?: number | Buffer
  gid?: number
  /** What the header says; the data's length where missing. */
  size?: number | Buffer
  mtime?: number | Buffer
  linkName?: string
  major?: number
  minor?: number
  magic?: 'ustar' | 'gnu' | 'none'
  prefix?: string
  data?: Buffer | string
  /** Changes the finished header, before its sum is made. */
  patch?: (header: Buffer) => void
  /** Changes it afterwards. */
  spoil?: (header: Buffer) => void
}

const BLOCK = 512

const put = (header: Buffer, at: number, length: number, value: string | Buffer): void => {
  const bytes = typeof value === 'string' ? Buffer.from(value, 'latin1') : value
  bytes.copy(header, at, 0, Math.min(length, bytes.length))
}

const number = (header: Buffer, at: number, length: number, value: number | Buffer): void =>
  put(header, at, length, typeof value === 'number' ? value.toString(8).padStart(length - 1, '0') : value)

const MAGIC = { ustar: 'ustar\x0000', gnu: 'ustar  \0', none: '' }

const padded = (data: Buffer): Buffer =>
  Buffer.concat([data, Buffer.alloc((BLOCK - (data.length % BLOCK)) % BLOCK)])

export const entry = (raw: RawEntry): Buffer => {
  const data = Buffer.from((raw.data ?? '') as string)
  const header = Buffer.alloc(BLOCK)
  put(header, 0, 100, raw.name ?? '')
  number(header, 100, 8, raw.mode ?? 0o644)
  number(header, 108, 8, raw.uid ?? 0)
  number(header, 116, 8, raw.gid ?? 0)
  number(header, 124, 12, raw.size ?? data.length)
  number(header, 136, 12, raw.mtime ?? 0)
  put(header, 156, 1, raw.flag ?? '0')
  put(header, 157, 100, raw.linkName ?? '')
  put(header, 257, 8, MAGIC[raw.magic ?? 'ustar'])
  if (raw.major !== undefined) number(header, 329, 8, raw.major)
  if (raw.minor !== undefined) number(header, 337, 8, raw.minor)
  if (raw.prefix !== undefined) put(header, 345, 155, raw.prefix)
  raw.patch?.(header)
  put(header, 148, 8, '        ')
  const sum = header.reduce((total, byte) => total + byte, 0)
  put(header, 148, 8, `${sum.toString(8).padStart(6, '0')}\0 `)
  raw.spoil?.(header)
  return Buffer.concat([header, padded(data)])
}

const paxRecord = (key: string, value: string | Buffer): Buffer => {
  const body = Buffer.concat([
    Buffer.from(` ${key}=`, 'latin1'),
    Buffer.from(value as string),
    Buffer.from('\n'),
  ])
  let length = body.length + 1
  while (String(length).length + body.length !== length) length = String(length).length + body.length
  return Buffer.concat([Buffer.from(String(length)), body])
}

/** An extended header for the entry after it; repeated keys are kept in their order. */
export const pax = (...records: [string, string | Buffer][]): Buffer =>
  entry({ name: 'pax', flag: 'x', data: Buffer.concat(records.map(([key, value]) => paxRecord(key, value))) })

/** GNU's long name (`L`) or link name (`K`). */
export const longName = (name: string, flag: 'L' | 'K' = 'L'): Buffer =>
  entry({ name: '././@LongLink', flag, magic: 'gnu', data: Buffer.from(`${name}\0`, 'latin1') })

export const END = Buffer.alloc(2 * BLOCK)

export const tar = (...parts: (Buffer | RawEntry)[]): Buffer =>
  Buffer.concat([...parts.map((part) => (Buffer.isBuffer(part) ? part : entry(part))), END])
