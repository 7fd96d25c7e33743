import { invalid, quoted, unsupported, words } from './refusal'

const propagations = [
  'private',
  'rprivate',
  'shared',
  'rshared',
  'slave',
  'rslave',
  'unbindable',
  'runbindable',
]

/** Options of `-v` of which only one of a row may be given, with what Podman calls the row. */
const volumeRows: [options: string[], name: string][] = [
  [['noexec', 'exec'], "'noexec' or 'exec' option"],
  [['nodev', 'dev'], "'nodev' or 'dev' option"],
  [['nosuid', 'suid'], "'nosuid' or 'suid' option"],
  [['rw', 'ro'], "'rw' or 'ro' option"],
  [['z', 'Z', 'O'], "'z', 'Z', or 'O' option"],
  [['U'], "'U' option"],
  [propagations, "'[r]shared', '[r]private', '[r]slave' or '[r]unbindable' option"],
  [['bind', 'rbind'], "'[r]bind' option"],
  [['copy', 'nocopy'], "'copy' or 'nocopy' option"],
  [['no-dereference'], "'no-dereference' option"],
]

// Docker's words for macOS, without a meaning here.
const dropped = ['cached', 'delegated']

/** Checks the options of a bind mount or volume. */
export const checkVolumeOptions = (options: readonly string[]): string[] => {
  const seen = new Set<string>()
  const kept: string[] = []
  for (const option of options) {
    if (dropped.includes(option)) continue
    const free = option === 'nocreate' || /^idmap|upperdir|workdir/.test(option)
    const row = free ? undefined : volumeRows.find(([names]) => names.includes(option))
    if (!free && !row) throw invalid(`invalid option type ${quoted(option)}`)
    if (row && seen.has(row[1]))
      throw invalid(`invalid options ${quoted(options.join(', '))}, can only specify 1 ${row[1]}`)
    if (row) seen.add(row[1])
    kept.push(option)
  }
  return kept
}

const finalRows: [options: string[], message: string][] = [
  [['exec', 'noexec'], "only one of 'noexec' and 'exec' can be used"],
  [['suid', 'nosuid'], "only one of 'nosuid' and 'suid' can be used"],
  [['dev', 'nodev'], "only one of 'nodev' and 'dev' can be used"],
  [['rw', 'ro'], "only one of 'rw' and 'ro' can be used"],
  [propagations, 'only one root propagation mode can be used'],
  [['bind', 'rbind'], "only one of 'rbind' and 'bind' can be used"],
  [['z', 'Z'], "only one of 'z' and 'Z' can be used"],
  [['copy', 'nocopy'], "only one of 'nocopy' and 'copy' can be used"],
  [['U'], "the 'U' option can only be set once"],
  [['size'], 'only one tmpfs size can be specified'],
  [['mode'], 'only one tmpfs mode can be specified'],
  [['tmpcopyup', 'notmpcopyup'], "the 'tmpcopyup' or 'notmpcopyup' option can only be set once"],
  [['noswap'], "the 'tmpswap' option can only be set once"],
  [['no-dereference'], "the 'no-dereference' option can only be set once"],
]

const forTmpfs = ['size', 'mode', 'tmpcopyup', 'notmpcopyup', 'noswap', 'noatime']
const forBind = ['bind', 'rbind', 'z', 'Z']

const checkKind = (key: string, tmpfs: boolean): void => {
  if (!tmpfs && forTmpfs.includes(key)) {
    const mounts = key === 'noswap' ? 'rootful tmpfs mounts' : 'tmpfs mounts'
    throw invalid(`the '${key}' option is only allowed with ${mounts}: ${words.badMountOption}`)
  }
  if (tmpfs && forBind.includes(key)) {
    const names = key.endsWith('bind') ? "'bind' and 'rbind'" : "'z' and 'Z'"
    throw invalid(`the ${names} options are not allowed with tmpfs mounts: ${words.badMountOption}`)
  }
}

const checkFinal = (options: readonly string[], tmpfs: boolean): void => {
  const seen = new Set<string>()
  for (const option of options) {
    const key = option.split('=')[0] ?? ''
    const row = finalRows.find(([names]) => names.includes(key))
    const known = row || key === 'noatime' || key === 'nocreate' || key === 'consistency'
    if (!known) throw invalid(`unknown mount option ${quoted(option)}: ${words.badMountOption}`)
    checkKind(key, tmpfs)
    if (row && seen.has(row[1])) throw invalid(`${row[1]}: ${words.repeatedMountOption}`)
    if (row) seen.add(row[1])
  }
}

const notYet: [pattern: RegExp, what: string, tmpfsCan: boolean][] = [
  [/^U$/, 'the U option of a bind mount, which changes the owner of its source,', true],
  [/^O$|upperdir|workdir/, 'the O option of a volume, an overlay,', false],
  [/^idmap/, 'the idmap option of a mount', false],
  [/^no-dereference$/, 'the no-dereference option of a mount', false],
]

const refuseMissing = (options: readonly string[], tmpfs: boolean): void => {
  for (const [pattern, what, tmpfsCan] of notYet)
    if (!(tmpfs && tmpfsCan) && options.some((option) => pattern.test(option))) throw unsupported(what)
}

/** Checks the options of a mount as a whole and adds those that Podman adds. */
export const completeOptions = (options: readonly string[], tmpfs: boolean): string[] => {
  refuseMissing(options, tmpfs)
  checkFinal(options, tmpfs)
  const has = (...names: string[]) => options.some((option) => names.includes(option))
  const result = options.filter((option) => !/^(consistency|nocreate)/.test(option))
  if (!has(...propagations)) result.push(has('bind') ? 'private' : 'rprivate')
  if (tmpfs) {
    if (!has('suid', 'nosuid')) result.push('nosuid')
    if (!has('dev', 'nodev')) result.push('nodev')
    if (!has('tmpcopyup', 'notmpcopyup')) result.push('tmpcopyup')
    return result.filter((option) => option !== 'notmpcopyup')
  }
  if (!has('bind', 'rbind')) result.push('rbind')
  return result
}
