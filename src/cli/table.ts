const MIN_WIDTH = 12
const PADDING = 2

/** What Go's tabwriter counts: characters, not bytes or columns. */
const widthOf = (text: string): number => [...text].length

/**
 * Go's tabwriter as Podman sets it up (minwidth 12, padding 2): cells end in a tab, and a column is as wide as the
 * widest of its neighbouring cells above and below. The last cell of a line ends no column and is not padded.
 */
export function alignTabs(text: string, minWidth = MIN_WIDTH, padding = PADDING): string {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const widths = lines.map((): number[] => [])
  align(lines, widths, 0, lines.length, 0, { minWidth, padding })
  return lines
    .map((cells, row) =>
      cells
        .map((cell, column) => cell + ' '.repeat(Math.max(0, (widths[row]?.[column] ?? 0) - widthOf(cell))))
        .join(''),
    )
    .join('\n')
}

interface Layout {
  minWidth: number
  padding: number
}

/** Gives one column its width in each run of lines that have it, then those to its right. */
function align(
  lines: string[][],
  widths: number[][],
  from: number,
  to: number,
  column: number,
  layout: Layout,
): void {
  const hasColumn = (row: number) => row < to && column < (lines[row]?.length ?? 0) - 1
  let row = from
  while (row < to) {
    if (!hasColumn(row)) {
      row += 1
      continue
    }
    const start = row
    let width = layout.minWidth
    for (; hasColumn(row); row++) {
      const size = widthOf(lines[row]?.[column] ?? '')
      width = Math.max(width, size + layout.padding)
    }
    for (let at = start; at < row; at++) (widths[at] as number[])[column] = width
    align(lines, widths, start, row, column + 1, layout)
  }
}
