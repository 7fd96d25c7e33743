const MAJOR = 20
const MINOR = 19

/** What is wrong with this Node, in one line; undefined if it will do. Runs on very old ones too. */
export function nodeProblem(version: string, path: string): string | undefined {
  const parts = version.split('.')
  const major = Number(parts[0])
  if (major > MAJOR || (major === MAJOR && Number(parts[1]) >= MINOR)) return undefined
  return `Error: tspod needs Node.js ${MAJOR}.${MINOR} or later; ${path} is ${version}`
}
