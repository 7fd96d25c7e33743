import type { IdMapping } from '../../state/types'

/** Maps of a user namespace: ids inside, and what they are in the one that we are in. */
export interface IdShift {
  uids: readonly IdMapping[]
  gids: readonly IdMapping[]
}

export interface Owner {
  uid: number
  gid: number
}

/** What no map has; chown(2) refuses it. */
const UNMAPPED = -1

const outside = (rows: readonly IdMapping[], id: number): number => {
  const row = rows.find(({ container, size }) => id >= container && id < container + size)
  return row ? row.host + id - row.container : UNMAPPED
}

/** Whom a file must belong to, to be seen as the archive's owner inside. */
export const shifted = (owner: Owner, shift: IdShift | undefined): Owner =>
  shift ? { uid: outside(shift.uids, owner.uid), gid: outside(shift.gids, owner.gid) } : owner

const rowsText = (rows: readonly IdMapping[]): string =>
  rows.map(({ container, host, size }) => `${container}-${host}-${size}`).join('_')

/** Tells one shift from another, as the name of a folder does. */
export const shiftKey = ({ uids, gids }: IdShift): string => `${rowsText(uids)}.${rowsText(gids)}`
