/** Writes tar archives: ustar headers, and PAX records for what does not fit or is binary. */
import { BLOCK } from './tar-header'

export interface TarOutput {
  /** Bytes as latin1 text, folders without a slash at the end. */
  name: string
  type: 'file' | 'directory' | 'symlink' | 'link'
  mode: number
  uid?: number
  gid?: number
  /** Bytes of data that follow. */
  size?: number
  linkName?: string
  seconds?: number
  xattrs?: ReadonlyMap<string, Buffer>
}

const FLAGS = { file: '0', link: '1', symlink: '2', directory: '5' } as const

const octal = (value: number, length: number): string => `${value.toString(8).padStart(length - 1, '0')}\0`

const fits = (value: number, length: number): boolean => value >= 0 && value < 8 ** (length - 1)

/** LENGTH KEY=VALUE\n, where the length counts itself. */
const record = (key: string, value: Buffer | string): Buffer => {
  const body = Buffer.concat([
    Buffer.from(` ${key}=`, 'latin1'),
    typeof value === 'string' ? Buffer.from(value, 'latin1') : value,
    Buffer.from('\n'),
  ])
  let length = body.length + 1
  while (`${length}`.length + body.length !== length) length = `${length}`.length + body.length
  return Buffer.concat([Buffer.from(`${length}`), body])
}

const header = (entry: Required<Omit<TarOutput, 'xattrs' | 'type'>>, flag: string): Buffer => {
  const block = Buffer.alloc(BLOCK)
  const put = (text: string, at: number, length: number) =>
    block.write(text.slice(0, length), at, length, 'latin1')
  const number = (value: number, at: number, length: number) =>
    put(octal(fits(value, length) ? value : 0, length), at, length)
  put(entry.name, 0, 100)
  number(entry.mode & 0o7777, 100, 8)
  number(entry.uid, 108, 8)
  number(entry.gid, 116, 8)
  number(entry.size, 124, 12)
  number(entry.seconds, 136, 12)
  put('        ', 148, 8)
  put(flag, 156, 1)
  put(entry.linkName, 157, 100)
  put('ustar\u000000', 257, 8)
  const sum = block.reduce((total, byte) => total + byte, 0)
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8)
  return block
}

export const tarPadding = (size: number): Buffer => Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK)

/** The header blocks of an entry. */
export const tarHeader = (output: TarOutput): Buffer => {
  const entry = {
    uid: 0,
    gid: 0,
    size: 0,
    linkName: '',
    seconds: 0,
    ...output,
    name: output.type === 'directory' ? `${output.name}/` : output.name,
  }
  const records: Buffer[] = []
  if (entry.name.length > 100) records.push(record('path', entry.name))
  if (entry.linkName.length > 100) records.push(record('linkpath', entry.linkName))
  if (!fits(entry.size, 12)) records.push(record('size', `${entry.size}`))
  if (!fits(entry.uid, 8)) records.push(record('uid', `${entry.uid}`))
  if (!fits(entry.gid, 8)) records.push(record('gid', `${entry.gid}`))
  for (const [key, value] of output.xattrs ?? []) records.push(record(`SCHILY.xattr.${key}`, value))
  const own = header(entry, FLAGS[output.type])
  if (!records.length) return own
  const body = Buffer.concat(records)
  const extended = header(
    { ...entry, name: `PaxHeaders/${entry.name.slice(0, 80)}`, size: body.length, mode: 0o644, linkName: '' },
    'x',
  )
  return Buffer.concat([extended, body, tarPadding(body.length), own])
}

/** Two blocks of zeros. */
export const tarEnd = (): Buffer => Buffer.alloc(2 * BLOCK)
