import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lock } from 'proper-lockfile'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lockDocument } from '../../../src/state/document-lock'

let folder: string
let document: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-lock-'))
  document = join(folder, 'state.json')
  writeFileSync(document, '{}')
})
afterEach(() => rmSync(folder, { recursive: true }))

it('is seen by others who use proper-lockfile', async () => {
  const release = await lockDocument(document, false)
  await expect(lock(document, { realpath: false })).rejects.toMatchObject({ code: 'ELOCKED' })
  await release()
  const theirs = await lock(document, { realpath: false })
  await theirs()
})

it('waits for others who hold it', async () => {
  const release = await lock(document, { realpath: false })
  let taken = false
  const taking = lockDocument(document, false).then((ours) => {
    taken = true
    return ours
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(taken).toBe(false)
  await release()
  await (await taking)()
  expect(existsSync(`${document}.lock`)).toBe(false)
})

it('takes over at once what a killed process left', async () => {
  mkdirSync(`${document}.lock`)
  const before = Date.now()
  const release = await lockDocument(document, true)
  expect(Date.now() - before).toBeLessThan(5_000)
  await release()
  expect(existsSync(`${document}.lock`)).toBe(false)
})
