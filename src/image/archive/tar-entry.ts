/** An entry of a tar archive, put together from its header and what was said before it. */
import { type PaxRecords, parsePax, paxInteger, paxName, paxTime, paxXattrs } from './pax'
import { type PaxSparse, paxSparse, type SparseMap } from './sparse'
import { damaged, type TarHeader } from './tar-header'

type TarType = 'file' | 'link' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'

export interface TarEntry {
  /** Bytes as latin1 text. */
  name: string
  linkName: string
  type: TarType
  mode: number
  uid: number
  gid: number
  seconds: number
  nanoseconds: number
  major: number
  minor: number
  /** Bytes of data that follow. */
  size: number
  sparse?: SparseMap
  xattrs: Map<string, Buffer>
}

const TYPES: Record<string, TarType> = {
  '0': 'file',
  '7': 'file',
  S: 'file',
  '1': 'link',
  '2': 'symlink',
  '3': 'character',
  '4': 'block',
  '5': 'directory',
  D: 'directory',
  '6': 'fifo',
}

/** What extended headers and GNU's long names say of the entry that follows. */
export interface Extended {
  records: PaxRecords
  sparse: PaxSparse | undefined
  name: string | undefined
  linkName: string | undefined
}

export const nothingExtended = (): Extended => ({
  records: new Map(),
  sparse: undefined,
  name: undefined,
  linkName: undefined,
})

export const makeEntry = (header: TarHeader, extended: Extended): TarEntry => {
  const { records, sparse } = extended
  const type = TYPES[header.flag]
  const name = sparse?.name ?? paxName(records, 'path') ?? extended.name ?? header.name
  if (!type) throw damaged(`"${name}" is of an unknown kind (${JSON.stringify(header.flag)})`)
  const isFolder = type === 'directory' || (type === 'file' && name.endsWith('/'))
  return {
    name,
    linkName: paxName(records, 'linkpath') ?? extended.linkName ?? header.linkName,
    type: isFolder ? 'directory' : type,
    mode: header.mode,
    uid: paxInteger(records, 'uid') ?? header.uid,
    gid: paxInteger(records, 'gid') ?? header.gid,
    ...(paxTime(records, 'mtime') ?? { seconds: header.seconds, nanoseconds: 0 }),
    major: paxInteger(records, 'SCHILY.devmajor') ?? header.major,
    minor: paxInteger(records, 'SCHILY.devminor') ?? header.minor,
    size: type === 'file' && !isFolder ? header.size : 0,
    xattrs: paxXattrs(records),
  }
}

/** Takes in an entry that speaks of the next one. */
export const readSpecial = (flag: string, bytes: Buffer, extended: Extended): void => {
  const name = () => bytes.toString('latin1', 0, bytes.includes(0) ? bytes.indexOf(0) : bytes.length)
  if (flag === 'L') extended.name = name()
  else if (flag === 'K') extended.linkName = name()
  else if (flag === 'x') {
    const repeated: number[] = []
    extended.records = parsePax(bytes, (key, value) => {
      if (key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes')
        repeated.push(Number(value.toString('latin1')))
    })
    extended.sparse = paxSparse(extended.records, repeated)
  }
  // A global header ('g') speaks of the archive, and Podman does not heed it either.
}
