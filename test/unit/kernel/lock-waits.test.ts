import { expect, test } from 'vitest'
import { flockAside } from '../../../src/kernel/lock-waits'
import type { RawKernel } from '../../../src/kernel/raw'

/** Calls that end when they are told to. */
function pool() {
  const running: ((result: number) => void)[] = []
  const callAsync = () => new Promise<number>((resolve) => running.push(resolve))
  return { running, raw: { callAsync } as unknown as RawKernel }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('two threads of four wait for locks, the others stay free for who holds one', async () => {
  const { running, raw } = pool()
  const wait = flockAside(raw)
  const waits = [1, 2, 3, 4, 5].map((fd) => wait(fd, 2))
  await turn()
  expect(running).toHaveLength(2)
  running[0]?.(0)
  expect(await waits[0]).toBe(0)
  await turn()
  expect(running).toHaveLength(3)
  for (let index = 1; index < 5; index++) {
    running[index]?.(index)
    expect(await waits[index]).toBe(index)
    await turn()
  }
  expect(running).toHaveLength(5)
})

test('a wait that a signal cut short goes on', async () => {
  const { running, raw } = pool()
  const waiting = flockAside(raw)(3, 2)
  await turn()
  running[0]?.(-4)
  await turn()
  running[1]?.(0)
  expect(await waiting).toBe(0)
})
