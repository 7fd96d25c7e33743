import { isatty } from 'node:tty'
import type { Progress } from '../libpod'
import { humanSize } from './units'

const STDERR = 2

/** Runs long work with a bar on a terminal's stderr; elsewhere, or when asked to be quiet, in silence. */
export async function withProgress<T>(quiet: boolean, work: (progress?: Progress) => Promise<T>): Promise<T> {
  if (quiet || !isatty(STDERR)) return work()
  const { SingleBar, Presets } = await import('cli-progress')
  const options = {
    format: '{phase} {item} {bar} {size}',
    stream: process.stderr,
    clearOnComplete: true,
    hideCursor: true,
    fps: 10,
    linewrap: false,
  }
  const bar = new SingleBar(options, Presets.shades_classic)
  const start = { phase: '', item: '', size: '' }
  let shown = false
  const show: Progress = ({ phase, item, done, total }) => {
    if (!shown) bar.start(1, 0, start)
    shown = true
    // A stream's end is unknown: the bar stays full and the figure grows.
    const size = total ? `${humanSize(done)} / ${humanSize(total)}` : humanSize(done)
    bar.setTotal(total || done || 1)
    bar.update(done, { phase, item, size })
  }
  try {
    return await work(show)
  } finally {
    if (shown) bar.stop()
  }
}
