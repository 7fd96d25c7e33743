import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { needTspod } from './harness/need'
import { repository } from './harness/places'
import { useStore } from './harness/store'
import { eventually } from './harness/wait'

// Its leak check covers the demo, which has a store of its own.
const store = useStore()
const play = () =>
  execa(process.execPath, [join(repository, 'demo/demo.mjs')], {
    env: { TMPDIR: store.folder },
    reject: false,
    all: true,
  })
const folders = () => readdirSync(store.folder).filter((name) => name.startsWith('tspod-demo-'))

describe('npm run demo', () => {
  test('shows two containers on one network', async (context) => {
    needTspod(context, 'the demo is of tspod')
    const { exitCode, all } = await play()
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: expect.any(String) })
    expect(all).toMatch(/\$ tspod pod create --name netshared --share net -p \d+:80\n/)
    expect(all?.match(/hello from [0-9a-f]{12}, PID 1, asked by/g)).toHaveLength(3)
    const shared = [...(all ?? '').matchAll(/^ {2}(infra|net1|net2) +(\d+)/gm)].map((match) => match[2])
    expect(shared).toHaveLength(3)
    expect(new Set(shared).size).toBe(1)
    expect(folders()).toEqual([])
  })

  test.for([1, 400, 900, 1500])('cleans up when ctrl-C comes after %i ms', async (ms, context) => {
    needTspod(context, 'the demo is of tspod')
    const demo = play()
    await eventually(() => folders().length > 0)
    await new Promise((resolve) => setTimeout(resolve, ms))
    demo.kill('SIGINT')
    const { exitCode } = await demo
    expect([0, 130]).toContain(exitCode)
    expect(folders()).toEqual([])
  })
})
