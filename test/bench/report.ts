import { cpus, release } from 'node:os'
import type { Result } from './row'

const figure = (value: number | undefined): string => {
  if (value === undefined) return '-'
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

const verdict = ({ holds, note }: Result): string =>
  note ?? (holds === undefined ? '' : holds ? 'holds' : 'MISSED')

/** Lines of a table. */
export function table(results: readonly Result[]): string[] {
  const heading = ['operation', 'unit', 'tspod', 'podman', 'ratio', 'limit', '']
  const cells = results.map((result) => [
    result.name,
    result.unit,
    figure(result.tspod),
    figure(result.podman),
    figure(result.ratio),
    figure(result.limit),
    verdict(result),
  ])
  const widths = heading.map((_, column) =>
    Math.max(...[heading, ...cells].map((row) => row[column]!.length)),
  )
  return [heading, ...cells].map((row) =>
    row
      .map((word, column) => (column < 2 ? word.padEnd(widths[column]!) : word.padStart(widths[column]!)))
      .join('  ')
      .trimEnd(),
  )
}

/** The machine that figures belong to. */
export const machine = (podman: string | undefined) => ({
  date: new Date().toISOString(),
  kernel: release(),
  processors: cpus().length,
  model: cpus()[0]?.model ?? '',
  node: process.version,
  podman: podman ?? 'missing',
})
