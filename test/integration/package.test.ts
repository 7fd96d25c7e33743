import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { storeOptions } from './harness/command'
import { needTspod } from './harness/need'
import { repository } from './harness/places'
import { IMAGE, useStore } from './harness/store'

const store = useStore()

test('the packed package works like the checkout', { timeout: 180_000 }, async (context) => {
  needTspod(context, 'comes otherwise')
  const prefix = join(store.folder, 'prefix')
  mkdirSync(prefix)
  // dist is there: what the tests run on is what is packed
  const pack = ['pack', '--ignore-scripts', '--pack-destination', prefix]
  await execa('npm', pack, { cwd: repository })
  const [archive] = readdirSync(prefix)
  const install = ['install', '--global', '--prefix', prefix, '--prefer-offline', '--no-audit', '--no-fund']
  await execa('npm', [...install, join(prefix, archive!)], { cwd: store.folder })

  const tspod = (...args: string[]) =>
    execa(join(prefix, 'bin/tspod'), [...storeOptions(store.root, store.runroot), ...args], { cwd: '/' })
  const { stdout: version } = await tspod('--version')
  expect(version).toBe(await store.ok('--version'))
  const { stdout } = await tspod('run', '--rm', '--pod', 'new:packed', IMAGE, 'echo', 'from the package')
  expect(stdout).toBe('from the package')
  expect((await tspod('pod', 'ps', '--format', '{{.Name}}')).stdout).toBe('packed')
  expect((await tspod('run', '--help')).stdout).toBe(await store.ok('run', '--help'))
})
