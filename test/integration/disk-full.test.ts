import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { PODMAN, runBinary, storeOptions } from './harness/command'
import { needTspod } from './harness/need'
import { IMAGE, useStore } from './harness/store'
import { rootfsArchive } from './harness/template'

// The store that checks for leaks; the full one lies on a small disk in its folder.
const store = useStore()
let disk: string
const run = (...args: string[]) =>
  runBinary([...storeOptions(join(disk, 'root'), join(store.folder, 'full-runroot')), ...args])

beforeAll(() => {
  disk = join(store.folder, 'disk')
  mkdirSync(disk)
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=40m', 'tspod-small', disk])
})

afterAll(() => {
  execFileSync('umount', [disk])
})

const used = () => {
  const { blocks, bfree, bsize } = statfsSync(disk)
  return (blocks - bfree) * bsize
}

test('an import that does not fit says so and leaves nothing', async (context) => {
  needTspod(context, 'leaves what it wrote')
  await run('images')
  const before = used()
  const { exitCode, stderr } = await run('import', rootfsArchive(), IMAGE)
  expect({ exitCode, stderr }).toEqual({
    exitCode: 125,
    stderr: expect.stringMatching(/^Error: .*no space left on device[^\n]*$/),
  })
  expect(used() - before).toBeLessThan(200_000)
  expect((await run('images', '--quiet')).stdout).toBe('')
})

test('a pod that does not fit says so, and works when there is room again', async (context) => {
  needTspod(context, 'leaves what it wrote')
  if (PODMAN) return
  const ballast = join(disk, 'ballast')
  try {
    writeFileSync(ballast, Buffer.alloc(64 << 20))
  } catch {
    // it is full now
  }
  const { exitCode, stderr } = await run('pod', 'create', '--name', 'squeezed')
  expect({ exitCode, stderr }).toEqual({
    exitCode: 125,
    stderr: expect.stringMatching(/^Error: .*no space left on device[^\n]*$/),
  })
  rmSync(ballast)
  expect((await run('pod', 'ps', '--quiet')).stdout).toBe('')
  expect(await run('pod', 'create', '--name', 'squeezed')).toMatchObject({ exitCode: 0 })
  expect(await run('pod', 'rm', 'squeezed')).toMatchObject({ exitCode: 0 })
})
