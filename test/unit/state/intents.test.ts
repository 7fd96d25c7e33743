import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { abandonedIntents, noteIntent } from '../../../src/state'

const intent = { sandbox: 'a'.repeat(64), id: 'b'.repeat(64), name: 'web' }
const dead = { pid: 1, startTime: 99, bootId: 'not-this-boot' }

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-intents-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

test('what a living command does is left to it, and it takes its note away', () => {
  const done = noteIntent(folder, intent)
  expect(abandonedIntents(folder)).toEqual([])
  done()
  expect(readdirSync(folder)).toEqual([])
})

test('what a dead command was doing is found, until it is cleared up', () => {
  writeFileSync(join(folder, 'x'), JSON.stringify({ ...intent, process: dead }))
  const [found, ...others] = abandonedIntents(folder)
  expect(others).toEqual([])
  expect(found?.intent).toMatchObject(intent)
  found?.forget()
  expect(abandonedIntents(folder)).toEqual([])
})

test('a note that was cut short tells nothing, and one that is being written is left alone', () => {
  writeFileSync(join(folder, 'cut'), '{"sandbox":"a')
  writeFileSync(join(folder, 'new'), '')
  expect(abandonedIntents(folder).map((each) => each.intent)).toEqual([undefined])
})

test('a folder that is not there holds none', () => {
  expect(abandonedIntents(join(folder, 'nope'))).toEqual([])
})
