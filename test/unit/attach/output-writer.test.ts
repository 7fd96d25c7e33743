import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { OutputWriter, type WriteVector } from '../../../src/runtime/attach/output-writer'

/** Writes at most `most` bytes at once, and fails as `failures` says. */
const device = (most: number, failures: (string | undefined)[] = []) => {
  const written: Record<number, string> = {}
  const write: WriteVector = (fd, buffers, done) => {
    setImmediate(() => {
      const code = failures.shift()
      if (code) return done(Object.assign(new Error(code), { code }), 0)
      const bytes = Buffer.concat(buffers).subarray(0, most)
      written[fd] = (written[fd] ?? '') + bytes.toString()
      done(null, bytes.length)
    })
  }
  return { written, write }
}

const run = async (most: number, failures: (string | undefined)[], pieces: [number, string][]) => {
  const { written, write } = device(most, failures)
  const closed: number[] = []
  const writer = new OutputWriter((fd) => closed.push(fd), write)
  let released = 0
  for (const [fd, text] of pieces) writer.add(fd, Buffer.from(text), () => released++)
  await writer.flush()
  return { written, closed, released }
}

const pieces: [number, string][] = [
  [1, 'one '],
  [1, ''],
  [1, 'two '],
  [2, 'error '],
  [1, 'three'],
]
const all = { 1: 'one two three', 2: 'error ' }

describe('output', () => {
  it.each([1, 2, 3, 5, 100])('arrives whole when %i bytes are taken at once', async (most) => {
    expect(await run(most, [], pieces)).toEqual({ written: all, closed: [], released: 5 })
  })

  it('waits for a descriptor that somebody made non-blocking', async () => {
    const failures = ['EAGAIN', 'EAGAIN', undefined, 'EAGAIN']
    expect(await run(3, failures, pieces)).toEqual({ written: all, closed: [], released: 5 })
  })

  it('is dropped where nobody reads it, and told once', async () => {
    const { written, closed, released } = await run(100, ['EPIPE'], [...pieces, [1, 'four']])
    expect({ written, closed, released }).toEqual({ written: { 2: 'error ' }, closed: [1], released: 6 })
  })

  it('has nothing to wait for at first', async () => {
    const writer = new OutputWriter(() => {}, device(1).write)
    await Promise.race([writer.flush(), sleep(1000).then(() => Promise.reject(new Error('late')))])
  })
})
