import { TspodError } from '../errors'
import type { ResolvedUser } from './context-types'
import { invalid } from './refusal'

type ReadFile = (path: string) => string | undefined

const largest = 2 ** 31 - 1

const outOfRange = () => invalid(`uids and gids must be in range 0-${largest}`)

// Only the image can tell: as of any start that fails, Podman's exit code is 126.
const unknown = (message: string, object: string) => new TspodError('not-found', message, { object })

interface PasswdLine {
  name: string
  uid: number
  gid: number
  home: string
}

interface GroupLine {
  name: string
  gid: number
  members: string[]
}

// As Go's strconv.Atoi: what is no number in a file counts as 0, as in Podman.
const numberOr = (text: string | undefined, fallback: number) =>
  /^[+-]?\d+$/.test(text ?? '') ? Number(text) : fallback

const lines = (text: string | undefined): string[][] =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => line.split(':'))

const readPasswd = (readFile: ReadFile): PasswdLine[] =>
  lines(readFile('/etc/passwd')).map(([name = '', , uid, gid, , home = '']) => ({
    name,
    uid: numberOr(uid, 0),
    gid: numberOr(gid, 0),
    home,
  }))

const readGroups = (readFile: ReadFile): GroupLine[] =>
  lines(readFile('/etc/group'))
    .filter(([name = '']) => !name.startsWith('#'))
    .map(([name = '', , gid, members = '']) => ({
      name,
      gid: numberOr(gid, 0),
      members: members.split(',').filter((member) => member !== ''),
    }))

const isNumber = (text: string) => /^[+-]?\d+$/.test(text)

const checkedId = (text: string): number => {
  const id = Number(text)
  if (id < 0 || id > largest) throw outOfRange()
  return id
}

const findUser = (
  user: string,
  passwd: readonly PasswdLine[],
): Pick<ResolvedUser, 'uid' | 'gid' | 'home' | 'name' | 'known'> => {
  const numeric = user === '' || isNumber(user)
  const line = passwd.find(({ uid, name }) => (numeric ? uid === Number(user) : name === user))
  if (line) return { ...line, known: true }
  if (!numeric) throw unknown(`unable to find user ${user}: no matching entries in passwd file`, user)
  return { uid: checkedId(user || '0'), gid: 0, home: '/', name: '', known: false }
}

const findGroup = (group: string, groups: readonly GroupLine[]): number => {
  const numeric = isNumber(group)
  const line = groups.find(({ gid, name }) => (numeric ? gid === Number(group) : name === group))
  if (line) return line.gid
  if (!numeric) throw unknown(`unable to find group ${group}: no matching entries in group file`, group)
  return checkedId(group)
}

/** A group of `--group-add`: a name or a number. */
const additionalGroup = (group: string, groups: readonly GroupLine[]): number => {
  const line = groups.find(({ name, gid }) => name === group || String(gid) === group)
  if (line) return line.gid
  if (!isNumber(group))
    throw unknown(
      `looking up supplemental groups: unable to find group ${group}: no matching entries in group file`,
      group,
    )
  return checkedId(group)
}

/**
 * Looks up `user[:group]` and supplementary groups in the image's /etc/passwd and /etc/group. `readFile` gets a path
 * inside the image's root and returns undefined where there is no such file. A number is never read as a name.
 */
export const resolveUser = (spec: string, extra: readonly string[], readFile: ReadFile): ResolvedUser => {
  const [user = '', group = ''] = spec.split(':')
  const found = findUser(user, readPasswd(readFile))
  const needsGroups = group !== '' || extra.length > 0 || found.known
  const groups = needsGroups ? readGroups(readFile) : []
  const gid = group === '' ? found.gid : findGroup(group, groups)
  const memberships =
    group === '' && found.known
      ? groups.filter(({ members }) => members.includes(found.name)).map((line) => line.gid)
      : []
  const added = extra.map((name) => additionalGroup(name, groups))
  const own = spec === '' ? [] : [gid]
  return {
    uid: found.uid,
    gid,
    additionalGids: [...new Set([...own, ...added, ...memberships])],
    home: found.home || '/',
    name: found.name,
    known: found.known,
  }
}

/** The line of /etc/passwd that Podman adds for a number without one; undefined where nothing is to be added. */
export const passwdLine = (spec: string, user: ResolvedUser, workdir: string): string | undefined => {
  const [name = ''] = spec.split(':')
  if (user.known || !isNumber(name)) return undefined
  // The image names the folder: it must not become a line of its own.
  const home = /[:\n]/.test(workdir) ? '/' : workdir
  return `${user.uid}:*:${user.uid}:${user.gid}:container user:${home}:/bin/sh\n`
}

/** Likewise of /etc/group, for a numeric group that has none. */
export const groupLine = (spec: string, readFile: ReadFile): string | undefined => {
  const [user = '', group = '0'] = spec.split(':')
  if (spec === '' || !isNumber(group)) return undefined
  if (readGroups(readFile).some(({ gid }) => gid === Number(group))) return undefined
  return `${Number(group)}:x:${Number(group)}:${user}\n`
}

/** Highest id of an image's users and groups plus one, `nobody` aside: what `--userns auto` must hold. */
export const highestId = (readFile: ReadFile): number => {
  const nobody = 65_534
  const named = (name: string) => name !== 'nobody' && name !== 'nogroup'
  const users = readPasswd(readFile).filter(({ name }) => named(name))
  const groups = readGroups(readFile).filter(({ name }) => named(name))
  const ids = [...users.flatMap(({ uid, gid }) => [uid, gid]), ...groups.map(({ gid }) => gid)]
  return Math.max(0, ...ids.filter((id) => id !== nobody).map((id) => id + 1))
}
