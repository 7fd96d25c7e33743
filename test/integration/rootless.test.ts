import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { tar } from '../unit/image/make-tar'
import { PODMAN } from './harness/command'
import { fetchText, freePort } from './harness/http'
import { needPrograms } from './harness/need'
import { missing, useOrdinaryUser } from './harness/ordinary-user'
import { rootfsArchive } from './harness/template'
import { eventually } from './harness/wait'
import { dockerArchive } from './image/archives'

/** Rows of the experiments that need nothing of the host, and those that look from the user's own namespaces. */
const ROWS = 'utsshared ipcshared pidshared default-share plus-pid share-help one-uts one-pid one-ipc one-mnt'
const ROWS_INSIDE = 'netshared none usershared kubernetes lsns kept one-user'

describe.skipIf(PODMAN || missing.length > 0)('an ordinary user with subordinate ids', () => {
  const user = useOrdinaryUser({ name: 'tspod-t1', ranges: true })
  beforeEach((context) => needPrograms(context, 'newuidmap', 'newgidmap'))
  afterEach(() => user.clear())

  test('is root in containers, and nobody new on the host', () => {
    expect(user.ok('run', '--rm', 'localhost/base', 'sh', '-c', 'id -u; cat /proc/self/uid_map')).toMatch(
      new RegExp(`^0\\s+0\\s+${user.uid}\\s+1\\s+1\\s+900000\\s+65536$`),
    )
    expect(user.ok('run', '--rm', '--user', '1000', 'localhost/base', 'id', '-u')).toBe('1000')
  })

  test('keeps everything where nobody else may look', () => {
    user.ok('run', '-d', '--name', 'long', 'localhost/base', 'sleep', '100')
    for (const folder of [
      user.runroot,
      join(user.home, '.local/share/tspod'),
      join(user.runroot, 'monitors'),
    ]) {
      const { mode, uid } = statSync(folder)
      expect([folder, (mode & 0o777).toString(8), uid]).toEqual([folder, '700', user.uid])
    }
    const links = (path: string) => readdirSync(path, { recursive: true, withFileTypes: true })
    for (const part of ['bin', 'dist']) {
      for (const entry of links(join(user.folder, part)))
        expect(statSync(join(entry.parentPath, entry.name)).mode & 0o6000).toBe(0)
    }
  })

  test.for(ROWS.split(' '))('runs the experiment %s', (row, context) => {
    needPrograms(context, 'hostname', 'ipcmk', 'ps')
    const result = user.program(['sh', join(user.fixtures, 'experiments.sh'), row], {
      env: { POD: user.bin, IMAGE: 'localhost/base', HTTPD: 'localhost/httpd' },
    })
    expect(result.stdout).toMatch(/^ok: /m)
    expect(result.stdout).not.toMatch(/^FAILED/m)
    expect(result.code).toBe(0)
  })

  // What is left is one-net, whose bridge and way out take root, and one-cgroup, whose limits take a cgroup of one's own.
  test.for(ROWS_INSIDE.split(' '))('runs the experiment %s by unshare', async (row, context) => {
    needPrograms(context, 'hostname', 'ipcmk', 'ip', 'curl', 'lsns')
    const archive = join(user.folder, 'rootfs.tar')
    user.ok('import', '-c', 'CMD ["node","/srv/httpd.js"]', '-c', 'EXPOSE 80', archive, 'localhost/port80')
    const env = {
      POD: user.bin,
      IMAGE: 'localhost/base',
      HTTPD: 'localhost/port80',
      ROOTLESS: '1',
      IDS: '1000',
      COUNT: '60000',
      NETNS: join(user.runroot, 'netns'),
      WEB_PORT: String(await freePort()),
      NONE_PORT: String(await freePort()),
    }
    const result = user.run(['unshare', 'sh', join(user.fixtures, 'experiments.sh'), row], { env })
    expect(result.stdout).toMatch(/^ok: /m)
    expect(result.stdout).not.toMatch(/^FAILED/m)
    expect(result.code).toBe(0)
  })

  test('has exec, logs, volumes and exit codes', () => {
    user.ok(
      'run',
      '-d',
      '--name',
      'box',
      '-v',
      `${user.home}:/data`,
      'localhost/base',
      'sh',
      '-c',
      'echo up; sleep 100',
    )
    expect(user.ok('exec', 'box', 'sh', '-c', 'echo made > /data/file; id -u')).toBe('0')
    expect(readFileSync(join(user.home, 'file'), 'utf8')).toBe('made\n')
    expect(statSync(join(user.home, 'file')).uid).toBe(user.uid)
    expect(user.ok('logs', 'box')).toBe('up')
    expect(user.run(['exec', 'box', 'sh', '-c', 'exit 9']).code).toBe(9)
    expect(user.run(['run', '--rm', 'localhost/base', 'nothing']).code).toBe(127)
  })

  test('has the whiteouts and owners of images, and those of its own', () => {
    const upper = tar(
      { name: 'etc/.wh.group' },
      { name: 'srv/.wh..wh..opq' },
      { name: 'srv/mine', data: 'x', uid: 1000, gid: 2000 },
    )
    const archive = join(user.folder, 'layers.tar')
    const layers = [readFileSync(rootfsArchive()), upper]
    writeFileSync(archive, dockerArchive([{ layers, tags: ['localhost/layers:latest'] }]))
    user.ok('load', '--quiet', '--input', archive)
    const look = 'ls -A /srv; stat -c %u:%g /srv/*; test -e /etc/group || echo gone'
    const change = 'rm -r /srv /etc/hosts.x; mkdir /srv; touch /srv/new; chown 7:8 /srv/new; touch /etc/group'
    const script = `if test -e /srv/mine; then ${look}; touch /etc/hosts.x; ${change}; else ${look}; fi`
    expect(user.ok('run', '--name', 'change', 'localhost/layers', 'sh', '-c', script)).toBe(
      'mine\n1000:2000\ngone',
    )
    expect(user.ok('start', '--attach', 'change')).toBe('new\n7:8')
  })

  test('reads state without entering the namespaces', () => {
    user.ok('run', '-d', '--name', 'seen', 'localhost/base', 'sleep', '100')
    user.program(['sh', '-c', `mkdir -p ~/tools && ln -sf "$(command -v node)" ~/tools/node`])
    const env = { PATH: join(user.home, 'tools') }
    for (const words of [
      ['ps'],
      ['images'],
      ['inspect', 'seen'],
      ['pod', 'ps'],
      ['logs', 'seen'],
      ['port', 'seen'],
    ])
      expect([words, user.run(words, { env }).code]).toEqual([words, 0])
    expect(user.run(['ps', '--format', '{{.Names}}'], { env }).stdout).toBe('seen')
    expect(user.run(['run', 'localhost/base', 'true'], { env })).toMatchObject({
      code: 125,
      stderr: 'Error: an ordinary user needs `nsenter` of util-linux: it is not in PATH',
    })
  })

  test('starts one process for the namespaces, however many commands begin at once', async () => {
    user.clear()
    user.ok('system', 'migrate')
    await eventually(() => user.processes().length === 0)
    const script = `for i in 1 2 3 4; do ${user.bin} unshare true & done; wait`
    expect(user.program(['sh', '-c', script])).toMatchObject({ code: 0, stderr: '' })
    expect(user.processes().map((line) => line.split(' ')[1])).toEqual(['tspod-userns'])
  })

  test('enters them by unshare', () => {
    expect(user.ok('unshare', 'id', '-u')).toBe('0')
    expect(user.run(['unshare', 'sh', '-c', 'exit 7']).code).toBe(7)
    expect(user.run(['unshare', 'cat'], { input: 'through' }).stdout).toBe('through')
    expect(user.ok('unshare', 'sh', '-c', `${user.bin} run --rm localhost/base echo inside`)).toBe('inside')
    expect(user.fails(127, 'unshare', 'no-such-program')).toContain('executable file not found in $PATH')
  })

  test('lets go of them by system migrate', async () => {
    user.ok('run', '-d', '--name', 'ends', '--stop-signal', 'KILL', 'localhost/base', 'sleep', '100')
    const id = user.ok('inspect', '--format', '{{.Id}}', 'ends')
    expect(user.ok('system', 'migrate')).toBe(`stopped ${id}`)
    await eventually(() => user.processes().length === 0)
    user.ok('start', 'ends')
    expect(user.ok('exec', 'ends', 'echo', 'again')).toBe('again')
  })

  describe('user namespaces of containers', () => {
    const map = (...options: string[]) =>
      user
        .ok(
          'run',
          '--rm',
          ...options,
          'localhost/base',
          'sh',
          '-c',
          'id -u; cat /proc/self/uid_map; stat -c %u /etc/passwd',
        )
        .replace(/[ \t]+/g, ' ')

    test('keep-id', () => {
      const { uid } = user
      const rows = ` 0 1 ${uid}\n ${uid} 0 1\n ${uid + 1} ${uid + 1} ${65_536 - uid}`
      expect(map('--userns', 'keep-id')).toBe(`${uid}\n${rows}\n0`)
      expect(map('--userns', 'keep-id:uid=200,gid=210')).toMatch(/^200\n 0 1 200\n 200 0 1\n/)
      const write = ['run', '--rm', '--userns', 'keep-id', '-v', `${user.home}:/data`, 'localhost/base']
      user.ok(...write, 'touch', '/data/mine')
      expect(statSync(join(user.home, 'mine')).uid).toBe(uid)
    })

    test('nomap, auto and maps', () => {
      expect(map('--userns', 'nomap')).toBe('0\n 0 1 65536\n0')
      expect(map('--userns', 'auto:size=2000')).toBe('0\n 0 1 2000\n0')
      expect(map('--uidmap', '0:500:1000')).toBe('0\n 0 500 1000\n0')
    })

    test('are joined', () => {
      user.ok('run', '-d', '--name', 'first', '--userns', 'auto:size=3000', 'localhost/base', 'sleep', '100')
      const pid = user.ok('inspect', '--format', '{{.State.Pid}}', 'first')
      const joined = (mode: string) => {
        const words = ['run', '--rm', '--userns', mode, 'localhost/base', 'readlink', '/proc/self/ns/user']
        return user.ok(...words)
      }
      const own = user.ok('exec', 'first', 'readlink', '/proc/self/ns/user')
      expect(joined('container:first')).toBe(own)
      expect(joined(`ns:/proc/${pid}/ns/user`)).toBe(own)
      expect(joined('host')).not.toBe(own)
    })

    test('of a pod are those of its containers', async () => {
      const port = await freePort()
      user.ok('pod', 'create', '--name', 'kept', '--userns', 'keep-id', '-p', `${port}:8080`)
      user.ok('run', '-d', '--pod', 'kept', '--name', 'web', 'localhost/httpd')
      await eventually(() => fetchText('127.0.0.1', port))
      expect(user.ok('exec', 'web', 'id', '-u')).toBe(String(user.uid))
    })

    test('have layers of their own, that go with the image', () => {
      user.ok('tag', 'localhost/base', 'localhost/again')
      const folder = join(user.home, '.local/share/tspod/shifted')
      const layers = () => readdirSync(folder).flatMap((key) => readdirSync(join(folder, key)))
      map('--userns', 'nomap')
      expect(layers().length).toBeGreaterThan(0)
    })
  })

  describe('published ports', () => {
    const outer = () =>
      Object.values(networkInterfaces())
        .flat()
        .find((address) => address?.family === 'IPv4' && !address.internal)?.address

    const server = `require('node:net').createServer((s) => s.end(s.remoteAddress)).listen(8080, '0.0.0.0')`

    test('tell a program who its client is', async (context) => {
      const address = outer()
      if (!address) return context.skip('this host has no address but loopback')
      const port = await freePort()
      user.ok(
        'run',
        '-d',
        '-p',
        `${port}:8080`,
        'localhost/base',
        'node',
        '-e',
        `${server.replace('s.end(s.remoteAddress)', "s.end('HTTP/1.0 200 OK\\r\\n\\r\\n' + s.remoteAddress)")}`,
      )
      expect(await eventually(() => fetchText(address, port))).toBe(address)
      expect(await fetchText('127.0.0.1', port)).toBe('127.0.0.1')
    })

    test('serve a thousand clients, one after the other and at once', async () => {
      const port = await freePort()
      user.ok('run', '-d', '--name', 'many', '-p', `${port}:8080`, 'localhost/httpd')
      await eventually(() => fetchText('127.0.0.1', port))
      for (let round = 0; round < 5; round++)
        await Promise.all(Array.from({ length: 200 }, () => fetchText('127.0.0.1', port)))
      expect(await fetchText('127.0.0.1', port, '/bytes/3000000')).toHaveLength(3_000_000)
    })

    test('refuse what refuses inside', async () => {
      const port = await freePort()
      user.ok('run', '-d', '-p', `${port}:9999`, 'localhost/base', 'sleep', '100')
      await expect(fetchText('127.0.0.1', port)).rejects.toThrow(/ECONNRESET|ECONNREFUSED|socket hang up/)
    })

    test('below the first free one are an error that names the sysctl', (context) => {
      const start = Number(readFileSync('/proc/sys/net/ipv4/ip_unprivileged_port_start', 'utf8'))
      if (start < 81) return context.skip('ports from 80 up are free to everybody here')
      const { code, stderr } = user.run(['run', '-d', '-p', '80:80', 'localhost/base'])
      expect(code).toBeGreaterThan(124)
      expect(stderr).toContain(`you can add 'net.ipv4.ip_unprivileged_port_start=80' to /etc/sysctl.conf`)
    })

    test('are the host’s to take only once', async () => {
      const port = await freePort()
      user.ok('run', '-d', '--name', 'first', '-p', `${port}:8080`, 'localhost/httpd')
      const { code, stderr } = user.run(['run', '-d', '-p', `${port}:8080`, 'localhost/httpd'])
      expect(code).toBeGreaterThan(124)
      expect(stderr).toContain('address already in use (held by container first)')
    })
  })
})
