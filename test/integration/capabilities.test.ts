import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { IMAGE, useStore } from './harness/store'

const store = useStore()

const sh = (script: string, ...options: string[]) =>
  store.run(['run', '--rm', ...options, IMAGE, 'sh', '-c', script])

/** Runs a script that must succeed, and gives its output. */
const out = async (script: string, ...options: string[]): Promise<string> => {
  const { exitCode, stdout, stderr } = await sh(script, ...options)
  expect({ exitCode, stderr, script }).toMatchObject({ exitCode: 0 })
  return stdout
}

const status = (field: string) => `sed -n 's/^${field}:\\s*//p' /proc/self/status`

/** CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP, NET_BIND_SERVICE, SYS_CHROOT, SETFCAP. */
const ELEVEN = '00000000800405fb'
const NONE = '0000000000000000'

describe('capabilities', () => {
  const sets = ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'].map(status).join('; ')

  test('of root are eleven', async () => {
    expect((await out(sets)).split('\n')).toEqual([NONE, ELEVEN, ELEVEN, ELEVEN, NONE])
  })

  test('of another user are none, but for those added', async () => {
    expect((await out(sets, '--user', '1000')).split('\n')).toEqual([NONE, NONE, NONE, ELEVEN, NONE])
    const added = '0000000000002000'
    const own = await out(sets, '--user', '1000', '--cap-drop', 'all', '--cap-add', 'net_raw')
    expect(own.split('\n')).toEqual([added, added, added, added, added])
  })

  test('can’t come back by a program that gives them, where asked', async () => {
    expect(await out(status('NoNewPrivs'), '--security-opt', 'no-new-privileges')).toBe('1')
    expect(await out(status('NoNewPrivs'))).toBe('0')
  })

  test('are the same for exec, and none for another user there', async () => {
    await store.ok('run', '--detach', '--name', 'capable', IMAGE, 'sleep', '1000')
    const read = ['sed', '-n', 's/^CapEff:\\s*//p', '/proc/self/status']
    expect(await store.ok('exec', 'capable', ...read)).toBe(ELEVEN)
    expect(await store.ok('exec', '--user', '1000', 'capable', ...read)).toBe(NONE)
    await store.ok('rm', '--force', '--time', '0', 'capable')
  })
})

describe('a user namespace', () => {
  test('keeps what only the host’s root may read from the container’s root', async () => {
    const folder = join(store.folder, 'private')
    mkdirSync(folder)
    writeFileSync(join(folder, 'secret'), 'secret\n', { mode: 0o600 })
    const options = ['--uidmap', '0:100000:65536', '-v', `${folder}:/mnt`]
    const { exitCode, stderr } = await sh('id -u; cat /mnt/secret', ...options)
    expect(exitCode).not.toBe(0)
    expect(stderr).toMatch(/permission denied/i)
    expect(await out('cat /mnt/secret', '-v', `${folder}:/mnt`)).toBe('secret')
  })

  test('of --userns auto is no other container’s', async () => {
    const map = ['--userns', 'auto', IMAGE, 'cat', '/proc/self/uid_map']
    await store.ok('run', '--detach', '--name', 'first', '--userns', 'auto', IMAGE, 'sleep', '1000')
    const first = (await store.ok('exec', 'first', 'cat', '/proc/self/uid_map'))
      .trim()
      .split(/\s+/)
      .map(Number)
    const second = (await store.ok('run', '--rm', ...map)).trim().split(/\s+/).map(Number)
    const [, from = 0, size = 0] = first
    const [, otherFrom = 0] = second
    expect(size).toBeGreaterThanOrEqual(1024)
    expect(otherFrom).toBeGreaterThanOrEqual(from + size)
    await store.ok('rm', '--force', '--time', '0', 'first')
  })
})
