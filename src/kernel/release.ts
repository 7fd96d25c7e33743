/** mount_setattr(2) came with it, close_range(2) with CLOEXEC and overlays in user namespaces with 5.11. */
const [MAJOR, MINOR] = [5, 12] as const

/** What is wrong with a kernel of that release (`uname -r`), in one line; undefined where it will do. */
export const releaseProblem = (release: string): string | undefined => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(release) ?? []
  if (major === undefined) return undefined
  const recent = Number(major) > MAJOR || (Number(major) === MAJOR && Number(minor) >= MINOR)
  return recent ? undefined : `tspod needs Linux ${MAJOR}.${MINOR} or later: this is ${release}`
}
