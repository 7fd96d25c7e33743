import { expect, it } from 'vitest'
import { releaseProblem } from '../../../src/kernel/release'

it.for(['5.12.0', '5.15.0-91-generic', '6.18.44', '10.0', '6.1.0-rc1'])('takes Linux %s', (release) => {
  expect(releaseProblem(release)).toBeUndefined()
})

it.for(['4.18.0-553.el8', '5.4.0-150-generic', '5.11.22', '3.10'])(
  'refuses Linux %s in one line',
  (release) => {
    expect(releaseProblem(release)).toBe(`tspod needs Linux 5.12 or later: this is ${release}`)
  },
)
