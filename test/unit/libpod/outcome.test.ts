import { expect, test } from 'vitest'
import { TspodError } from '../../../src/errors'
import { forEach } from '../../../src/libpod/outcome'
import { createRollback } from '../../../src/libpod/start/rollback'
import { parseUntil } from '../../../src/libpod/until'

test('a verb does all it can, and keeps the order of the objects', async () => {
  const outcome = await forEach([3, 1, 2], async (wait) => {
    await new Promise((resolve) => setTimeout(resolve, wait))
    if (wait === 1) throw new TspodError('state', 'not one')
    return wait
  })
  expect(outcome).toMatchObject({ results: [3, 2], errors: [{ message: 'not one' }] })
})

test('a bug is no partial failure', async () => {
  const failing = forEach([1], async () => {
    throw new TypeError('bug')
  })
  await expect(failing).rejects.toThrow(TypeError)
})

test('a rollback goes backwards, to its end, and tells what failed', async () => {
  const done: string[] = []
  const rollback = createRollback()
  rollback.add('first', () => {
    done.push('first')
  })
  rollback.add('second', () => {
    throw new TspodError('system', 'no way back')
  })
  rollback.add('third', async () => {
    done.push('third')
  })
  const errors = await rollback.run()
  expect(done).toEqual(['third', 'first'])
  expect(errors.map(({ message }) => message)).toEqual(['no way back'])
  expect(await rollback.run()).toEqual([])
})

test.each([
  ['10m', 1_000_000 - 600_000],
  ['1h30m', 1_000_000 - 5_400_000],
  ['1.5s', 1_000_000 - 1500],
  ['1000', 1_000_000],
  ['1970-01-01T00:00:01Z', 1000],
])('until=%s is a moment', (text, moment) => {
  expect(parseUntil(text, 1_000_000)).toBe(moment)
})
