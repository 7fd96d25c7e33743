import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import { describe, expect, test } from 'vitest'
import type { TspodError } from '../../../src/errors'
import { assignPorts, parsePublish, reclaim, setUp, tearDown } from '../../../src/network'
import { repository } from '../harness/places'
import { nothing, useCleanHost } from './clean-host'

const host = useCleanHost()
const { kernel, home, sh, request, leftovers } = host

const ip = (address: string) => address.split('/')[0]!

/** Another process that sets one owner up, with the kernel's methods as given. */
const script = (body: string): string => {
  const path = join(home.root, '..', `script-${Math.random().toString(36).slice(2)}.cjs`)
  buildSync({
    stdin: {
      contents: `
        import { openKernel } from './src/kernel'
        import { setUp, tearDown } from './src/network'
        const kernel = openKernel()
        const home = { kernel, root: '${home.root}', runroot: '${home.runroot}' }
        const request = { owner: process.argv[2], ownerName: 'x', networks: [{ name: 'default' }], ports: JSON.parse(process.argv[3] ?? '[]') }
        const main = async () => { ${body} }
        main().catch((error) => { console.error(error); process.exit(1) })`,
      resolveDir: repository,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    external: ['koffi', '@koromix/*', 'execa'],
    outfile: path,
    logLevel: 'silent',
  })
  return path
}

const run = promisify(execFile)
const env = { ...process.env, NODE_PATH: join(repository, 'node_modules') }

test('twenty processes set up and tear down at once', { timeout: 120_000 }, async () => {
  const path = script(`
    const { state } = await setUp(home, request)
    console.log(state.networks[0].address)
    const errors = process.argv[4] ? await tearDown(home, request.owner) : []
    if (errors.length) throw errors[0]`)
  const owners = Array.from({ length: 20 }, () => host.owner())
  const port = (index: number) => JSON.stringify(assignPorts(kernel, parsePublish([`${18_100 + index}:80`])))
  const results = await Promise.all(
    owners.map((owner, index) =>
      run('node', [path, owner, port(index), ...(index % 2 ? ['down'] : [])], { env }),
    ),
  )
  const addresses = results.map(({ stdout }) => stdout.trim())
  const kept = addresses.filter((_, index) => index % 2 === 0)
  expect(new Set(kept).size).toBe(10)
  expect(leftovers().leases.sort()).toEqual(kept.map(ip).sort())
  expect(sh('nft list map inet tspod0 ports').match(/tcp \./g)).toHaveLength(10)
  await Promise.all(owners.map((owner) => tearDown(home, owner)))
  expect(leftovers()).toEqual(nothing)
})

describe('a process that is killed', () => {
  test.for(['createNetworkNamespace', 'openNetlink', 'addBridge', 'addVeth', 'addRoute', 'startProgram'])(
    'in %s leaves nothing that the next one does not mend',
    async (method) => {
      const path = script(`
      const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); }
      const dying = (object) => ({ ...object, ['${method}']: (...args) => { object['${method}'](...args); die() } })
      const lethal = dying({ ...kernel, openNetlink: () => '${method}' in kernel ? kernel.openNetlink() : dying(kernel.openNetlink()) })
      await setUp({ ...home, kernel: lethal }, request)`)
      const owner = host.owner()
      const died = run('node', [path, owner], { env })
      await expect(died).rejects.toMatchObject({ signal: 'SIGKILL' })
      const { state } = await setUp(home, request(owner))
      sh('ping -c1 -W2 10.88.0.1', state.netns)
      expect(await tearDown(home, owner)).toEqual([])
      expect(leftovers()).toEqual(nothing)
    },
  )

  test('is cleaned up after by its id alone, and by reclaim', async () => {
    const [a, b] = [host.owner(), host.owner()]
    await setUp(home, request(a, '18080:80'))
    await setUp(home, request(b))
    writeFileSync(`${home.runroot}/network/${a}.json`, '{"owner":')
    expect(await tearDown(home, a)).toEqual([])
    expect(leftovers()).toMatchObject({ leases: ['10.88.0.3'] })
    expect(await reclaim(home, (owner) => owner !== b)).toEqual([b])
    expect(leftovers()).toEqual(nothing)
  })
})

test('tearing down goes on after a failure, and can be repeated', async () => {
  const owner = host.owner()
  await setUp(home, request(owner))
  const deaf = { ...kernel, unmount: () => expect.fail('no unmounting today') }
  const errors: TspodError[] = await tearDown({ ...home, kernel: deaf }, owner)
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('no unmounting today')])
  expect(leftovers()).toMatchObject({ links: [], tables: '', leases: [] })
  expect(await tearDown(home, owner)).toEqual([])
})

test('a set-up that fails half-way leaves nothing', async () => {
  const failing = { ...kernel, inNetworkNamespace: () => expect.fail('no way in') }
  await expect(setUp({ ...home, kernel: failing }, request(host.owner(), '18080:80'))).rejects.toThrow(
    'no way in',
  )
  expect(leftovers()).toEqual(nothing)
})
