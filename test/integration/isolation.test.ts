import { createHash } from 'node:crypto'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { BINARY, PODMAN } from './harness/command'
import { sharedKinds } from './harness/namespaces'
import { fixtures } from './harness/places'
import { makeRootfs, packRootfs } from './harness/rootfs'
import { IMAGE, useStore } from './harness/store'
import { eventually } from './harness/wait'

const store = useStore()
const inside = (options: string[], ...command: string[]) =>
  store.run(['run', '--rm', ...options, IMAGE, ...command])
const SMALL = [
  'sh',
  'ls',
  'cat',
  'id',
  'grep',
  'readlink',
  'sleep',
  'head',
  'mkdir',
  'stat',
  'true',
  'hostname',
]

/** An image whose root a hostile author has changed. */
async function hostileImage(name: string, spoil: (root: string) => void): Promise<string> {
  const root = join(store.folder, `${name}-root`)
  makeRootfs(root, fixtures, SMALL)
  spoil(root)
  packRootfs(root, `${root}.tar`)
  await store.ok('import', '-c', 'CMD ["sh"]', `${root}.tar`, `localhost/${name}`)
  rmSync(root, { recursive: true })
  rmSync(`${root}.tar`)
  return `localhost/${name}`
}

const replaceByLink = (root: string, path: string, target: string) => {
  rmSync(join(root, path), { recursive: true, force: true })
  mkdirSync(dirname(join(root, path)), { recursive: true })
  symlinkSync(target, join(root, path))
}

/** A folder of the host that a hostile link points to, and where nothing may appear. */
function bait(name: string): string {
  const folder = join(store.folder, `bait-${name}`)
  mkdirSync(folder)
  return folder
}

describe('an image whose folders are links', () => {
  test.for([
    ['proc', '/proc'],
    ['proc', 'tmp'],
    ['sys', '/work'],
    ['dev', '/work'],
    ['run', '/work'],
  ])('%s to %s: mounts land inside, or the start is refused', async ([folder, target], { task }) => {
    const image = await hostileImage(`link-${task.id.replaceAll(/[^a-z0-9]/g, '')}`, (root) =>
      replaceByLink(root, folder!, target!),
    )
    const { exitCode, stdout, stderr } = await store.run([
      'run',
      '--rm',
      image,
      'sh',
      '-c',
      'cat /proc/1/comm; cat /proc/sysrq-trigger; echo x >/proc/sysrq-trigger',
    ])
    if (exitCode > 124) return expect(stderr).toMatch(/^Error: /m)
    expect(stdout).toMatch(/^sh$/m)
    expect(stderr).toMatch(/Read-only file system|Permission denied|No such file|cannot create/)
  })

  test('out of the root: nothing appears in what they point to', async () => {
    const target = bait('outside')
    const way = `../../../../../../../..${target}`
    const image = await hostileImage('outside', (root) => {
      for (const path of ['proc', 'sys', 'dev', 'run']) replaceByLink(root, path, way)
    })
    await store.run(['run', '--rm', image, 'true'])
    expect(readdirSync(target)).toEqual([])
  })

  test('the destination of a mount, a tmpfs and the working folder', async () => {
    const target = bait('destination')
    const source = join(store.folder, 'harmless')
    mkdirSync(source)
    const image = await hostileImage('destination', (root) => {
      replaceByLink(root, 'absolute', target)
      replaceByLink(root, 'relative', `../../../../../../..${target}`)
    })
    for (const link of ['absolute', 'relative']) {
      await store.run(['run', '--rm', '-v', `${source}:/${link}/made`, image, 'true'])
      await store.run(['run', '--rm', '--tmpfs', `/${link}/made`, image, 'true'])
      await store.run([
        'run',
        '--rm',
        '--mount',
        `type=bind,source=${source},target=/${link}/made`,
        image,
        'true',
      ])
      await store.run(['run', '--rm', '-w', `/${link}/made`, image, 'true'])
      await store.run(['create', '-w', `/${link}/made`, image, 'true'])
    }
    expect(readdirSync(target)).toEqual([])
  })

  test('/etc/hosts, /etc/hostname and /etc/resolv.conf', async () => {
    const target = bait('files')
    const image = await hostileImage('files', (root) => {
      for (const name of ['hosts', 'hostname', 'resolv.conf', 'mtab'])
        replaceByLink(root, `etc/${name}`, join(target, name))
    })
    await store.run(['run', '--rm', image, 'true'])
    expect(readdirSync(target)).toEqual([])
  })

  test("/etc/passwd and /etc/group are not the host's", async () => {
    const target = bait('passwd')
    writeFileSync(join(target, 'passwd'), 'tempter:x:4242:4242::/:/bin/sh\n')
    const image = await hostileImage('passwd', (root) =>
      replaceByLink(root, 'etc/passwd', join(target, 'passwd')),
    )
    const { exitCode, stdout } = await store.run(['run', '--rm', '-u', 'tempter', image, 'id', '-u'])
    expect(stdout).not.toContain('4242')
    expect(exitCode).toBeGreaterThan(0)
  })

  test('/dev/ptmx, /dev/pts and /dev/console of a terminal', async () => {
    const target = bait('ptmx')
    const image = await hostileImage('ptmx', (root) => {
      mkdirSync(join(root, 'dev/pts'), { recursive: true })
      for (const name of ['ptmx', 'console', 'null', 'tty'])
        replaceByLink(root, `dev/${name}`, join(target, name))
      replaceByLink(root, 'dev/pts/0', '/proc/sysrq-trigger')
    })
    const { stdout } = await store.run([
      'run',
      '--rm',
      '-t',
      image,
      'sh',
      '-c',
      'readlink /dev/ptmx; test -c /dev/null && echo device',
    ])
    expect(stdout.replaceAll('\r', '')).toBe('pts/ptmx\ndevice')
    expect(readdirSync(target)).toEqual([])
  })

  test('/dev/null as a way to unmask', async () => {
    const image = await hostileImage('unmask', (root) =>
      replaceByLink(root, 'dev/null', '/proc/sys/kernel/core_pattern'),
    )
    const { stdout, stderr } = await store.run([
      'run',
      '--rm',
      image,
      'sh',
      '-c',
      'head -c 1 /proc/kcore; head -c 1 /proc/keys; echo "|/x" >/proc/sys/kernel/core_pattern',
    ])
    expect(stdout).toBe('')
    expect(stderr).toMatch(/Read-only file system|Permission denied/)
  })
})

describe('what a container sees of the host', () => {
  test('no descriptor but its three', async () => {
    await store.ok('run', '--detach', '--name', 'descriptors', IMAGE, 'sleep', '1000')
    const list = 'cd /proc/self/fd && for f in *; do echo $f; done'
    // the shell holds one for its own folder or script at most
    for (const outcome of [
      await inside([], 'sh', '-c', list),
      await store.run(['exec', 'descriptors', 'sh', '-c', list]),
    ]) {
      expect(outcome.stdout.split('\n').filter((name) => Number(name) > 3)).toEqual([])
    }
    const pid = await store.pid('descriptors')
    expect(readdirSync(`/proc/${pid}/fd`).sort()).toEqual(['0', '1', '2'])
  })

  test('no folder of the host by a descriptor as its working folder', async () => {
    const secret = join(store.folder, 'secret')
    writeFileSync(secret, 'seen from inside')
    for (const fd of [3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) {
      const look = `for up in . .. ../.. ../../.. ../../../.. ../../../../.. ../../../../../..; do cat $up${secret}; done 2>/dev/null`
      const run = await inside(['-w', `/proc/self/fd/${fd}`], 'sh', '-c', look)
      expect(run.stdout).not.toContain('seen')
      const exec = await store.run(['exec', '-w', `/proc/self/fd/${fd}`, 'descriptors', 'sh', '-c', look])
      expect(exec.stdout).not.toContain('seen')
    }
  })

  test('no way out of its root', async () => {
    writeFileSync(join(store.folder, 'secret'), 'seen from inside')
    const script = `cat /../../../..${store.folder}/secret /proc/1/root${store.folder}/secret /proc/1/cwd${store.folder}/secret`
    const { stdout, stderr } = await inside([], 'sh', '-c', script)
    expect({ stdout, stderr }).toEqual({ stdout: '', stderr: expect.stringMatching(/No such file/) })
    // the old root is not mounted below the new one
    const { stdout: roots } = await inside([], 'sh', '-c', 'cut -d" " -f2 /proc/mounts')
    expect(roots).not.toContain(store.folder)
  })

  test.for([
    '/proc/kcore',
    '/proc/keys',
    '/proc/timer_list',
    '/proc/sched_debug',
    '/proc/scsi',
    '/sys/firmware',
    '/proc/acpi',
  ])('nothing in %s', async (path) => {
    const script = `test -e ${path} || exit 0; if test -d ${path}; then ls -A ${path}; else head -c 1 ${path}; fi`
    expect((await inside([], 'sh', '-c', script)).stdout).toBe('')
  })

  test.for([
    '/proc/sysrq-trigger',
    '/proc/sys/kernel/core_pattern',
    '/proc/sys/vm/drop_caches',
    '/proc/irq/0/smp_affinity',
  ])('%s is not to be written to', async (path) => {
    const { exitCode } = await inside([], 'sh', '-c', `test -e ${path} || exit 9; echo 0 >${path}`)
    expect(exitCode).not.toBe(0)
  })

  test('no cgroup that it could write to', async () => {
    const { stdout } = await inside(
      [],
      'sh',
      '-c',
      'for f in /sys/fs/cgroup /sys/fs/cgroup/*; do mkdir $f/escape 2>/dev/null && test -e $f/escape/cgroup.procs && echo made $f; done',
    )
    expect(stdout).toBe('')
  })

  test('no device but the harmless ones, even with CAP_MKNOD', async () => {
    const { stdout, stderr } = await inside(
      ['--cap-add', 'MKNOD'],
      'sh',
      '-c',
      'mknod /tmp/mem c 1 1 && head -c 1 /tmp/mem',
    )
    expect({ stdout, stderr }).toEqual({
      stdout: '',
      stderr: expect.stringMatching(/Operation not permitted/),
    })
  })

  test.for([
    ['a mount', 'mount -t tmpfs none /tmp'],
    ['a mount namespace', 'unshare -m true'],
    ['unmounting a mask', 'umount /proc/kcore'],
  ])('%s is refused', async ([, command]) => {
    expect((await inside([], 'sh', '-c', command!)).exitCode).not.toBe(0)
  })
})

describe("the host's programs", () => {
  const hash = (path: string) =>
    createHash('sha256')
      .update(readFileSync(realpathSync(path)))
      .digest('hex')

  test('are out of reach through /proc/PID/exe while others run and exec', async () => {
    const victims = [process.execPath, BINARY].filter((path) => existsSync(path))
    const before = victims.map(hash)
    const attack = `
      while :; do
        for p in /proc/[0-9]*; do
          [ $p = /proc/$$ ] || { echo "$(readlink $p/exe)"; echo evil >>$p/exe; } 2>/dev/null
        done
      done`
    await store.ok(
      'run',
      '--detach',
      '--name',
      'attacker',
      '--cap-add',
      'SYS_PTRACE',
      IMAGE,
      'sh',
      '-c',
      attack,
    )
    for (let n = 0; n < 10; n++) await store.run(['exec', 'attacker', '/proc/self/exe', '--version'])
    for (let n = 0; n < 10; n++) await store.ok('exec', 'attacker', 'true')
    await store.ok('rm', '--force', '--time', '0', 'attacker')
    expect(victims.map(hash)).toEqual(before)
  })

  test('are not run by #!/proc/self/exe', async () => {
    const before = hash(process.execPath)
    const image = await hostileImage('shebang', (root) => {
      writeFileSync(join(root, 'again'), '#!/proc/self/exe\n', { mode: 0o755 })
    })
    const { exitCode } = await store.run(['run', '--rm', image, '/again'])
    expect(exitCode).not.toBe(0)
    expect(hash(process.execPath)).toBe(before)
  })

  test('load nothing from a container that they joined', async () => {
    // whoever opens one of these to read it hangs
    const traps = [
      'libnss_files.so.2',
      'libnss_dns.so.2',
      'libseccomp.so.2',
      'libresolv.so.2',
      'koffi.node',
      'ld.so.preload',
    ]
    const folders = [
      '/lib',
      '/usr/lib',
      '/lib64',
      '/lib/x86_64-linux-gnu',
      '/usr/lib/x86_64-linux-gnu',
      '/usr/local/lib',
      '/etc/trap',
    ]
    const script = `mkdir -p ${folders.join(' ')} 2>/dev/null
      for d in ${folders.join(' ')}; do for f in ${traps.join(' ')}; do mkfifo $d/$f 2>/dev/null; done; done
      rm -f /etc/nsswitch.conf; mkfifo /etc/nsswitch.conf; echo set; sleep 1000`
    await store.ok('run', '--detach', '--name', 'trap', IMAGE, 'sh', '-c', script)
    await eventually(async () => (await store.ok('logs', 'trap')).includes('set'))
    await store.ok('exec', '--user', 'user', 'trap', 'true')
    await store.ok('top', 'trap')
    await store.ok('stop', '--time', '0', 'trap')
  })
})

describe('containers', () => {
  test('of different pods share no namespace but the user and the cgroup one', async () => {
    await store.ok('run', '--detach', '--name', 'apart1', IMAGE, 'sleep', '1000')
    await store.ok('run', '--detach', '--name', 'apart2', IMAGE, 'sleep', '1000')
    const kinds = sharedKinds(await store.pid('apart1'), await store.pid('apart2'))
    expect(kinds.filter((kind) => kind !== 'cgroup')).toEqual(['user'])
  })

  test('can not signal, or look into, what is outside', async () => {
    const { stdout } = await inside([], 'sh', '-c', 'ls -d /proc/[0-9]* | wc -l')
    expect(Number(stdout)).toBeLessThanOrEqual(3)
    expect((await inside([], 'sh', '-c', `kill -0 ${process.pid}`)).exitCode).not.toBe(0)
  })

  test("keep the state's folders to root", async () => {
    if (PODMAN) return
    for (const folder of [store.root, store.runroot]) expect(statSync(folder).mode & 0o022).toBe(0)
    for (const name of ['sandboxes', 'containers'])
      expect(statSync(join(store.root, name)).mode & 0o077).toBe(0)
    for (const name of ['monitors', 'containers'])
      expect(statSync(join(store.runroot, name)).mode & 0o077).toBe(0)
  })
})
