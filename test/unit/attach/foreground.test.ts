import { mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { ClientSink } from '../../../src/runtime/attach/client'
import { Foreground, type ForegroundPeer } from '../../../src/runtime/attach/foreground'
import type { ContainerExit } from '../../../src/runtime/messages'

const noTerminal = { makeRaw: () => undefined, setTerminalMode: () => {}, windowSize: () => undefined }
const target = { signal: () => true, resize: () => {} }
const exit = { containerId: 'c', exitCode: 3 } as ContainerExit

let folder: string
let stdout: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'foreground-'))
  stdout = openSync(join(folder, 'out'), 'w')
})
afterEach(() => rmSync(folder, { recursive: true }))

const open = (detachKeys = '') => {
  let sink!: ClientSink
  let close!: () => void
  const peer: ForegroundPeer = {
    listen: (given) => {
      sink = given
    },
    writeInput: () => true,
    endInput: () => {},
    closed: new Promise((resolve) => {
      close = resolve
    }),
  }
  const foreground = new Foreground({
    kernel: noTerminal,
    peer,
    tty: false,
    stdout,
    detachKeys,
    sigProxy: false,
  })
  return { foreground, sink, close }
}

it('asks for the streams that it has descriptors for', () => {
  expect(open().foreground.wanted).toEqual({ stdin: false, stdout: true, stderr: false, size: undefined })
})

it('has written everything when the container is told to be down', async () => {
  const { foreground, sink } = open()
  let released = 0
  for (let piece = 0; piece < 100; piece++) sink.output('stdout', Buffer.from(`${piece}\n`), () => released++)
  sink.event({ event: 'exit', exit })
  expect(await foreground.follow(target)).toEqual({ reason: 'exit', exit })
  expect(released).toBe(100)
  expect(readFileSync(join(folder, 'out'), 'utf8').split('\n')).toHaveLength(101)
})

it('drops what it has no descriptor for', async () => {
  const { foreground, sink } = open()
  let released = 0
  sink.output('stderr', Buffer.from('unwanted'), () => released++)
  sink.output('stdout', Buffer.from('wanted'), () => released++)
  sink.event({ event: 'exit', exit })
  expect(await foreground.follow(target)).toMatchObject({ reason: 'exit' })
  expect(released).toBe(2)
  expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('wanted')
})

it('tells of a monitor that is gone', async () => {
  const { foreground, close } = open()
  close()
  expect(await foreground.follow(target)).toEqual({ reason: 'lost' })
})

it('refuses detach keys that are none before anything is started', () => {
  expect(() => open('ctrl-p,nonsense')).toThrow('invalid detach keys')
})
