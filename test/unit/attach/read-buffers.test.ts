import { expect, it } from 'vitest'
import { ReadBuffers } from '../../../src/runtime/attach/read-buffers'

it('never hands out memory that somebody holds, and makes no more than its few', () => {
  let resumed = 0
  const buffers = new ReadBuffers(() => resumed++)
  const held: (() => void)[] = []
  const busy = new Set<Uint8Array>()
  const made = new Set<Uint8Array>()
  let current = buffers.next()
  let paused = false
  const read = () => {
    expect(busy.has(current)).toBe(false)
    const mine = current
    made.add(mine)
    const looked = buffers.take(mine)
    const release = buffers.hold()
    busy.add(mine)
    held.push(() => {
      busy.delete(mine)
      release()
    })
    looked()
    paused = buffers.mustPause()
    current = buffers.next()
  }
  for (let round = 0; round < 200; round++) {
    while (!paused) read()
    const before = resumed
    held.splice(round % held.length, 1)[0]!()
    expect(resumed).toBe(before + 1)
    paused = false
  }
  expect(made.size).toBeLessThanOrEqual(4)
})

it('uses one buffer where everything is released at once', () => {
  const buffers = new ReadBuffers(() => {})
  const first = buffers.next()
  buffers.take(first)()
  expect(buffers.mustPause()).toBe(false)
  expect(buffers.next()).toBe(first)
})
