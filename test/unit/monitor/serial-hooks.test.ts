import { setTimeout as sleep } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { MonitorHooks } from '../../../src/runtime/monitor/hooks'
import { serialHooks } from '../../../src/runtime/monitor/serial-hooks'

it('runs one hook at a time, in order, failures among them', async () => {
  let running = 0
  const seen: string[] = []
  const act = async (name: string, fails = false) => {
    expect(++running).toBe(1)
    await sleep(5)
    running--
    seen.push(name)
    if (fails) throw new Error(name)
  }
  const hooks = serialHooks({
    onExit: async (exit) => {
      await act(exit.containerId)
      return { action: 'end' }
    },
    onExecExit: (execId) => act(execId, true),
    retire: async (leave) => {
      await act('retire')
      return leave()
    },
  } as Partial<MonitorHooks> as MonitorHooks)
  const exit = (containerId: string) => hooks.onExit({ containerId } as Parameters<MonitorHooks['onExit']>[0])
  const results = await Promise.allSettled([
    exit('a'),
    hooks.onExecExit('b', 'a', 0),
    exit('c'),
    hooks.retire(() => true),
  ])
  expect(seen).toEqual(['a', 'b', 'c', 'retire'])
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
})
