import { readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { needTspod } from './harness/need'
import { IMAGE, useStore } from './harness/store'

const store = useStore()
const documentOf = (id: string) => join(store.root, 'sandboxes', id, 'state.json')

beforeEach(() => store.clear())

test.for([
  ['empty', (path: string) => truncateSync(path, 0)],
  ['cut off', (path: string) => truncateSync(path, 100)],
  ['not JSON', (path: string) => writeFileSync(path, 'hello')],
  ['of a later version', (path: string) => writeFileSync(path, JSON.stringify({ schema: 999 }))],
  [
    'of a wrong shape',
    (path: string) => writeFileSync(path, JSON.stringify({ schema: 1, id: 7, containers: 'none' })),
  ],
] as const)('a document that is %s is named, and all else works', async ([, damage], context) => {
  needTspod(context, 'keeps a database')
  const id = await store.ok('create', '--name', 'hurt', IMAGE, 'true')
  await store.ok('create', '--name', 'healthy', IMAGE, 'true')
  damage(documentOf(id))

  const list = await store.run(['ps', '--all', '--format', '{{.Names}}'])
  expect(list.stdout.split('\n')).toEqual(['healthy'])
  expect(list.stderr).toContain(id.slice(0, 12))
  expect(await store.run(['start', 'healthy'])).toMatchObject({ exitCode: 0 })
  const { exitCode, stderr } = await store.run(['start', 'hurt'])
  expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringMatching(/damaged|hurt/) })

  // its name is free again once it is removed
  await store.run(['rm', '--force', 'hurt'])
  await store.ok('create', '--replace', '--name', 'hurt', IMAGE, 'true')
})

test('a folder without a document does no harm', async (context) => {
  needTspod(context, 'keeps a database')
  const id = await store.ok('create', '--name', 'whole', IMAGE, 'true')
  expect(readdirSync(join(store.root, 'sandboxes'))).toContain(id)
  writeFileSync(join(store.root, 'sandboxes', 'stray-file'), 'stray')
  expect(await store.ok('ps', '--all', '--format', '{{.Names}}')).toBe('whole')
  rmSync(join(store.root, 'sandboxes', 'stray-file'))
})
