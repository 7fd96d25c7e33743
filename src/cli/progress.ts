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
  let shown = false
  const show: Progress = ({ phase, item, done, total }) => {
    // A stream's end is unknown: the bar stays full and the figure grows.
    const end = total || done || 1
    const size = total ? `${humanSize(done)} / ${humanSize(total)}` : humanSize(done)
    const words = { phase, item, size }
    if (!shown) bar.start(end, done, words)
    shown = true
    bar.setTotal(end)
    bar.update(done, words)
  }
  try {
    return await work(show)
  } finally {
    if (shown) bar.stop()
  }
}
