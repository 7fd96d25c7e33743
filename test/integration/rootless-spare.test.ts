import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PODMAN } from './harness/command'
import { needPrograms } from './harness/need'
import { missing, useOrdinaryUser } from './harness/ordinary-user'
import { eventually } from './harness/wait'

describe.skipIf(PODMAN || missing.length > 0)("an ordinary user's spare process", () => {
  const user = useOrdinaryUser({ name: 'tspod-t5', ranges: true })
  const socket = () => join(user.runroot, 'spare/socket')
  /** Each process that waits makes a socket of its own. */
  const waiting = () => eventually(() => statSync(socket()).ctimeMs)
  const names = () => user.processes().filter((line) => line.endsWith(' tspod-spare'))

  test('takes commands, whichever namespaces they need', async (context) => {
    needPrograms(context, 'newuidmap', 'newgidmap')
    user.ok('run', '-d', '--name', 'first', 'localhost/base', 'sleep', '100')
    for (const [args, output] of [
      [['exec', '-i', 'first', 'sh', '-c', 'id -u; cat; exit 3'], '0\ninput'],
      [['ps', '--format', '{{.Names}}'], 'first'],
      [['run', '--rm', 'localhost/base', 'cat', '/proc/self/gid_map'], ''],
    ] as const) {
      const before = await waiting()
      const cold = user.run([...args], { input: 'input', env: { TSPOD_SPARE: '' } })
      expect(await waiting()).toBe(before)
      const { stdout, stderr, code } = user.run([...args], { input: 'input' })
      expect({ stdout, stderr, code }).toEqual(cold)
      if (output) expect(stdout).toBe(output)
      await eventually(() => statSync(socket()).ctimeMs !== before)
    }
  })

  test('refuses whoever is elsewhere, and works in the folder of whoever is not', async (context) => {
    needPrograms(context, 'newuidmap', 'newgidmap')
    const before = await waiting()
    const line = ['sh', '-c', 'umask 027; "$0" ps -q', user.bin]
    expect(user.program(line).code).toBe(0)
    // a shell would take the place of the process
    expect(user.run(['unshare', 'sh', '-c', 'exit 6']).code).toBe(6)
    expect(await waiting()).toBe(before)
    const { stdout } = user.run(['run', '--rm', '-v', '.:/here', 'localhost/base', 'ls', '/here'], {
      cwd: '/etc',
    })
    expect(stdout).toMatch(/^passwd$/m)
    await eventually(() => statSync(socket()).ctimeMs !== before)
  })

  test('does not outlive the namespaces that it is in, nor the last container', async (context) => {
    needPrograms(context, 'newuidmap', 'newgidmap')
    await waiting()
    user.ok('system', 'migrate')
    expect(names()).toEqual([])
    user.ok('run', '-d', '--name', 'second', 'localhost/base', 'sleep', '100')
    await waiting()
    user.ok('rm', '-f', '-t', '0', 'first', 'second')
    expect(names()).toEqual([])
  })
})
