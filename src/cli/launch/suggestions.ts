const MOST_EDITS = 2

/** The names that a mistyped one may have meant, as cobra chooses them. */
export const suggestions = (given: string, names: readonly string[]): string[] =>
  names.filter((name) => {
    const [a, b] = [given.toLowerCase(), name.toLowerCase()]
    return b.startsWith(a) || edits(a, b) <= MOST_EDITS
  })

/** Levenshtein distance. */
function edits(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
