import { describe, expect, it } from 'vitest'
import { decideRestart, type RestartFacts } from '../../../src/runtime/monitor/restart'

const decide = (
  name: RestartFacts['policy']['name'],
  facts: Partial<RestartFacts> & { tries?: number } = {},
) => {
  const { tries = 0, ...more } = facts
  const policy = { name, maximumRetries: tries }
  const rest = { exitCode: 1, restartCount: 0, stoppedByUser: false, ranFor: 50 }
  return decideRestart({ policy, ...rest, ...more })
}

describe('restart policies', () => {
  it('no: never', () => {
    expect(decide('no')).toEqual({ restart: false })
  })

  it('on-failure: as the exit code says, as often as given', () => {
    expect(decide('on-failure', { exitCode: 0 }).restart).toBe(false)
    expect(decide('on-failure', { exitCode: 137 }).restart).toBe(true)
    expect(decide('on-failure', { restartCount: 1000 }).restart).toBe(true)
    expect(decide('on-failure', { tries: 3, restartCount: 2 }).restart).toBe(true)
    expect(decide('on-failure', { tries: 3, restartCount: 3 }).restart).toBe(false)
  })

  it.each(['always', 'unless-stopped'] as const)('%s: whatever the exit code', (name) => {
    expect(decide(name, { exitCode: 0 }).restart).toBe(true)
    expect(decide(name, { exitCode: 1, restartCount: 99 }).restart).toBe(true)
  })

  it.each(['on-failure', 'always', 'unless-stopped'] as const)('%s: not after a stop', (name) => {
    expect(decide(name, { stoppedByUser: true })).toEqual({ restart: false })
  })

  it('hold back what fails at once, and only that', () => {
    const delays = [0, 1, 2, 3, 4, 5, 50].map((restartCount) => decide('always', { restartCount }))
    expect(delays.map((decision) => decision.restart && decision.delay)).toEqual([
      0, 100, 200, 400, 800, 1000, 1000,
    ])
    expect(decide('always', { restartCount: 50, ranFor: 10_000 })).toEqual({ restart: true, delay: 0 })
  })
})
