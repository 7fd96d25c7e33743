import { expect, it } from 'vitest'
import { mapOf } from '../../../src/runtime/rootless/id-ranges'

it('makes the user root, and puts the lent ids behind one another', () => {
  const lent = [
    { container: 0, host: 100_000, size: 65_536 },
    { container: 0, host: 300_000, size: 1_000 },
  ]
  expect(mapOf(1000, lent)).toEqual([
    { container: 0, host: 1000, size: 1 },
    { container: 1, host: 100_000, size: 65_536 },
    { container: 65_537, host: 300_000, size: 1_000 },
  ])
})
