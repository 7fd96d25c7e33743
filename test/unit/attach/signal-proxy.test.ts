import { constants } from 'node:os'
import { afterEach, expect, it } from 'vitest'
import { catchSignals, proxiedSignals, type SignalProxy } from '../../../src/runtime/attach/signal-proxy'

let proxy: SignalProxy | undefined
afterEach(() => proxy?.close())

it('hands on each signal once, and keeps those about the command itself', () => {
  const names = proxiedSignals()
  const numbers = names.map((name) => constants.signals[name])
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(names).toEqual(
    expect.arrayContaining(['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGCONT']),
  )
  for (const own of ['SIGKILL', 'SIGSTOP', 'SIGCHLD', 'SIGPIPE', 'SIGURG', 'SIGWINCH', 'SIGSEGV'] as const) {
    expect(names).not.toContain(own)
  }
})

it('keeps signals until there is a container', () => {
  const listeners = process.listenerCount('SIGUSR2')
  proxy = catchSignals()
  const sent: number[] = []
  process.emit('SIGUSR2', 'SIGUSR2')
  process.emit('SIGHUP', 'SIGHUP')
  proxy.direct((signal) => sent.push(signal) > 0)
  process.emit('SIGUSR2', 'SIGUSR2')
  expect(sent).toEqual([constants.signals.SIGUSR2, constants.signals.SIGHUP, constants.signals.SIGUSR2])
  proxy.close()
  expect(process.listenerCount('SIGUSR2')).toBe(listeners)
})
