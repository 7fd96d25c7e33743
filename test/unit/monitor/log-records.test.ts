import { describe, expect, it } from 'vitest'
import { createRecordWriter, LONGEST_PIECE, SMALLEST_BUFFER } from '../../../src/runtime/monitor/log-records'

const TIME = '2024-01-01T00:00:00.000000000Z'

const format = (chunks: Uint8Array[], time = TIME, size = SMALLEST_BUFFER): Buffer => {
  const written: Buffer[] = []
  const writer = createRecordWriter(Buffer.alloc(size), (records) => written.push(Buffer.from(records)))
  for (const chunk of chunks) writer.write(time, 'stdout', chunk, 0, chunk.length)
  writer.flush()
  return Buffer.concat(written)
}

/** The same rule, written the slow way. */
const expected = (chunks: Uint8Array[], time = TIME): Buffer => {
  const out: Buffer[] = []
  for (const chunk of chunks) {
    let rest = Buffer.from(chunk)
    while (rest.length > 0) {
      const newline = rest.indexOf(10)
      const ends = newline >= 0 && newline < LONGEST_PIECE
      const length = ends ? newline + 1 : Math.min(rest.length, LONGEST_PIECE)
      out.push(Buffer.from(`${time} stdout ${ends ? 'F' : 'P'} `), rest.subarray(0, length))
      if (!ends) out.push(Buffer.from('\n'))
      rest = rest.subarray(length)
    }
  }
  return Buffer.concat(out)
}

describe('k8s-file records', () => {
  it('writes one record a line, and P for a line without an end', () => {
    expect(format([Buffer.from('one\ntwo\nthr'), Buffer.from('ee\n\n')]).toString()).toBe(
      `${TIME} stdout F one\n${TIME} stdout F two\n${TIME} stdout P thr\n` +
        `${TIME} stdout F ee\n${TIME} stdout F \n`,
    )
  })

  it('takes times with an offset', () => {
    const time = '2024-01-01T02:00:00.000000000+02:00'
    expect(format([Buffer.from('a\nb')], time).toString()).toBe(`${time} stdout F a\n${time} stdout P b\n`)
  })

  it('agrees with the slow way on lines of every length around its limits', () => {
    for (const length of [0, 1, 46, 47, 48, 49, 8143, 8144, 8145, 8190, 8191, 8192, 8193, 16384, 30000]) {
      for (const tail of ['', '\n', '\nx', 'x\n']) {
        const chunk = Buffer.concat([Buffer.alloc(length, 0xe9), Buffer.from(tail)])
        expect(format([chunk, chunk]).equals(expected([chunk, chunk])), `${length} ${tail}`).toBe(true)
      }
    }
  })

  it('agrees with the slow way on random bytes', () => {
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1103515245 + 12345) & 0x7fffffff
      return seed % below
    }
    for (let round = 0; round < 50; round++) {
      const density = 1 + random(300)
      const chunks = Array.from({ length: 4 }, () =>
        Buffer.from(Array.from({ length: random(20000) }, () => (random(density) === 0 ? 10 : random(256)))),
      )
      expect(format(chunks).equals(expected(chunks))).toBe(true)
    }
  })
})
