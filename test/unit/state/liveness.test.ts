import { expect, test } from 'vitest'
import { identifyProcess, type ProcessId } from '../../../src/kernel'
import { syncStates, trueState } from '../../../src/state'
import { compareTimes, nanosOf, nowRfc3339 } from '../../../src/state/times'
import { sampleSandbox } from './sample'

const self = identifyProcess(process.pid)!
const dead: ProcessId = { ...self, startTime: self.startTime + 1 }

const running = (process: ProcessId | undefined, monitor?: ProcessId) => {
  const sandbox = sampleSandbox()
  Object.assign(sandbox.containers[0]!.state, { status: 'running', process })
  sandbox.monitor = monitor
  return sandbox
}

const stateOf = (sandbox: ReturnType<typeof running>) => trueState(sandbox, sandbox.containers[0]!)

test('a live process runs', () => {
  expect(stateOf(running(self)).status).toBe('running')
})

test('a dead process with nobody to tell of it has exited, its code unknown', () => {
  expect(stateOf(running(dead))).toMatchObject({ status: 'exited', exitCode: -1, process: undefined })
})

test('a process of another boot is dead', () => {
  expect(stateOf(running({ ...self, bootId: 'other' })).status).toBe('exited')
})

test('while its monitor lives, the monitor has the word', () => {
  expect(stateOf(running(dead, self)).status).toBe('running')
  expect(stateOf(running(dead, dead)).status).toBe('exited')
})

test('what is true is written down, and a dead monitor forgotten', () => {
  const sandbox = running(dead, dead)
  syncStates(sandbox)
  expect(sandbox.monitor).toBeUndefined()
  expect(sandbox.containers[0]!.state.status).toBe('exited')
})

test('times are ordered to the nanosecond, whatever their offset', () => {
  expect(nanosOf('1970-01-01T01:00:00.000000007+01:00')).toBe(7n)
  expect(compareTimes('2026-01-01T00:00:00.000000001Z', '2026-01-01T01:00:00.000000002+01:00')).toBe(-1)
  expect(Math.abs(Number(nanosOf(nowRfc3339()) / 1_000_000n) - Date.now())).toBeLessThan(50)
})
