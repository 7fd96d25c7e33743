import { chmodSync, copyFileSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { needTspod } from '../harness/need'
import { findProgram } from '../harness/rootfs'
import { useEmptyStore } from './empty-store'

const store = useEmptyStore()
const run = async (image: string, ...command: string[]) =>
  store.ok('run', '--rm', '--network', 'none', image, ...command)

describe('an image from the host', () => {
  test('has a shell, the usual programs and Node, and they run', async (context) => {
    needTspod(context, 'makes no images from the host')
    const id = await store.ok('image', 'from-host', 'host')
    expect(id).toMatch(/^sha256:[0-9a-f]{64}$/)
    expect(
      await run('host', 'sh', '-c', 'echo $((6 * 7)); ls / | head -n 1; id -u; cat /etc/passwd | wc -l'),
    ).toBe('42\nbin\n0\n2')
    expect(await run('host', 'node', '-p', 'process.version')).toBe(process.version)
    for (const [program, ...options] of [['ps', '-e'], ['ip', 'link'], ['ipcs'], ['hostname']] as const)
      if (findProgram(program)) await run('host', program, ...options)
    expect(await run('host', 'stat', '-c', '%a', '/tmp')).toBe('1777')
  })

  test('lacks no library of any of its programs', async (context) => {
    needTspod(context, 'makes no images from the host')
    // glibc's loader lists what it would load, and runs nothing
    const script = `for program in /bin/* /usr/bin/* /usr/sbin/*; do
        [ -x "$program" ] && LD_TRACE_LOADED_OBJECTS=1 "$program" </dev/null 2>&1 | grep -i 'not found' && echo "$program"
      done; true`
    expect(await run('host', 'sh', '-c', script)).toBe('')
  })

  test('starts a shell where no command is given, and another with --cmd', async (context) => {
    needTspod(context, 'makes no images from the host')
    expect(await store.ok('image', 'inspect', '--format', '{{.Config.Cmd}}', 'host')).toMatch(/^\[\/.*sh\]$/)
    await store.ok('image', 'from-host', '--quiet', '--cmd', '["echo", "from", "cmd"]', 'echo', 'sh', 'echo')
    expect(await run('echo')).toBe('from cmd')
    await store.ok('image', 'from-host', '--quiet', '--cmd', 'echo $((1 + 1))', 'echo', 'sh', 'echo')
    expect(await run('echo')).toBe('2')
  })

  test('takes the named programs alone, wherever they lie', async (context) => {
    needTspod(context, 'makes no images from the host')
    const odd = join(store.folder, 'odd place')
    mkdirSync(odd)
    const program = join(odd, 'mine')
    copyFileSync(realpathSync(findProgram('cat') ?? ''), program)
    const script = join(odd, 'greet')
    writeFileSync(script, '#!/usr/bin/env sh\necho hello from a script\n')
    chmodSync(script, 0o755)
    await store.ok('image', 'from-host', 'few', program, script)
    expect(await run('few', 'greet')).toBe('hello from a script')
    expect(await run('few', 'mine', '/etc/nsswitch.conf')).toContain('hosts: files dns')
    await store.fails(127, 'run', '--rm', '--network', 'none', 'few', 'ls')
  })

  test('is not made where a named program is missing', async (context) => {
    needTspod(context, 'makes no images from the host')
    expect(await store.fails(125, 'image', 'from-host', 'none', 'sh', 'no-such-program')).toBe(
      'Error: program "no-such-program" not found on this host',
    )
    expect(await store.fails(125, 'image', 'from-host', 'none', '/etc')).toBe(
      'Error: program "/etc" not found on this host',
    )
    expect((await store.run(['image', 'exists', 'none'])).exitCode).toBe(1)
  })
})
