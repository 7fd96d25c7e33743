import { mkdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { PODMAN } from './harness/command'
import { IMAGE, useStore } from './harness/store'

const store = useStore()
/** Output of a command in a new container. */
const inside = (options: string[], ...command: string[]) =>
  store.ok('run', '--rm', ...options, IMAGE, ...command)
const file = (name: string, content: string) => {
  const path = join(store.folder, name)
  writeFileSync(path, content)
  return path
}

describe('environment', () => {
  test('-e sets, takes over and overrides', async () => {
    const { stdout } = await store.run(
      ['run', '--rm', '-e', 'A=1', '-e', 'B=two words', '-e', 'TAKEN', '-e', 'A=3', IMAGE, 'env'],
      {
        env: { TAKEN: 'over' },
      },
    )
    const lines = stdout.split('\n')
    expect(lines).toEqual(
      expect.arrayContaining(['A=3', 'B=two words', 'TAKEN=over', 'container=podman', 'HOME=/root']),
    )
    expect(lines.some((line) => line.startsWith('PATH='))).toBe(true)
  })

  test("nothing of the caller's goes in unasked", async () => {
    const { stdout } = await store.run(['run', '--rm', IMAGE, 'env'], { env: { SECRET_OF_CALLER: 'x' } })
    expect(stdout).not.toContain('SECRET_OF_CALLER')
  })

  test('--env-file', async () => {
    const path = file('vars', '# comment\nX=1\n\nY=a=b\n')
    const lines = (await inside(['--env-file', path], 'env')).split('\n')
    expect(lines).toEqual(expect.arrayContaining(['X=1', 'Y=a=b']))
  })

  test('-w sets the working folder', async () => {
    expect(await inside(['-w', '/srv'], 'sh', '-c', 'pwd')).toBe('/srv')
    expect(await store.fails(126, 'run', '--rm', '-w', '/not/here', IMAGE, 'pwd')).toMatch(
      /workdir "\/not\/here" does not exist on container/,
    )
  })

  test('--entrypoint replaces it', async () => {
    expect(await inside(['--entrypoint', 'echo'], 'a', 'b')).toBe('a b')
    expect(await inside(['--entrypoint', '["echo", "-n", "x"]'], 'y')).toBe('x y')
  })

  test('--hostname', async () => {
    expect(await inside(['--hostname', 'named'], 'uname', '-n')).toBe('named')
    expect(await inside(['--hostname', 'named'], 'cat', '/etc/hostname')).toBe('named')
  })
})

describe('user', () => {
  test.for([
    ['root', '0 0', []],
    ['a number', '1234 0', ['-u', '1234']],
    ['a number with a group', '1234 77', ['-u', '1234:77']],
    ['a name of the image', '1000 1000', ['-u', 'user']],
    ['a name with a group', '1000 2000', ['-u', 'user:extra']],
  ] as const)('%s', async ([, expected, options]) => {
    expect(await inside([...options], 'sh', '-c', 'echo $(id -u) $(id -g)')).toBe(expected)
  })

  test('has its groups and its home', async () => {
    expect(await inside(['-u', 'user'], 'id', '-G')).toBe('1000 2000')
    expect(await inside(['-u', 'user'], 'sh', '-c', 'echo $HOME')).toBe('/home/user')
    expect(await inside(['--group-add', '333'], 'id', '-G')).toMatch(/\b333\b/)
  })

  test('that is not in the image is an error', async () => {
    expect(await store.fails(126, 'run', '--rm', '-u', 'nobodyhere', IMAGE, 'true')).toMatch(
      /unable to find user nobodyhere: no matching entries in passwd file/,
    )
  })

  test('has no capabilities', async () => {
    expect(await inside(['-u', 'user'], 'grep', 'CapEff', '/proc/self/status')).toMatch(/0000000000000000$/)
  })
})

describe('mounts', () => {
  test('-v of a folder, both ways', async () => {
    const folder = join(store.folder, 'shared')
    mkdirSync(folder)
    writeFileSync(join(folder, 'in'), 'from outside')
    expect(
      await inside(['-v', `${folder}:/data`], 'sh', '-c', 'echo from inside >/data/out; cat /data/in'),
    ).toBe('from outside')
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('from inside\n')
  })

  test('-v of a file, read-only', async () => {
    const path = file('single', 'one file')
    const { stdout, exitCode } = await store.run([
      'run',
      '--rm',
      '-v',
      `${path}:/etc/single:ro`,
      IMAGE,
      'sh',
      '-c',
      'cat /etc/single; echo x >/etc/single',
    ])
    expect({ stdout, exitCode }).toEqual({ stdout: 'one file', exitCode: 2 })
    expect(readFileSync(path, 'utf8')).toBe('one file')
  })

  test('-v of a path that is not there', async () => {
    expect(await store.fails(125, 'run', '--rm', '-v', '/no/such:/data', IMAGE, 'true')).toMatch(
      /\/no\/such: no such file or directory/,
    )
  })

  test('--mount type=bind and type=tmpfs', async () => {
    const path = file('bound', 'bound')
    const options = [
      '--mount',
      `type=bind,source=${path},target=/bound,ro`,
      '--mount',
      'type=tmpfs,target=/scratch,tmpfs-size=1m',
    ]
    const output = await inside(options, 'sh', '-c', 'cat /bound; echo; grep " /scratch " /proc/mounts')
    expect(output).toMatch(/^bound\n/)
    expect(output).toMatch(/tmpfs \/scratch tmpfs \S*size=1024k/)
  })

  test('--tmpfs', async () => {
    const output = await inside(
      ['--tmpfs', '/fast:size=64k,mode=1777'],
      'sh',
      '-c',
      'head -c 100000 /dev/zero >/fast/big; ls -ld /fast',
    )
    expect(output).toMatch(/^drwxrwxrwt/)
    const { stderr } = await store.run([
      'run',
      '--rm',
      '--tmpfs',
      '/fast:size=64k',
      IMAGE,
      'dd',
      'if=/dev/zero',
      'of=/fast/big',
      'bs=100000',
      'count=1',
    ])
    expect(stderr).toMatch(/No space left on device/)
  })

  test('--read-only leaves /tmp, /run and /dev/shm to write to', async () => {
    const script =
      'touch /root/x 2>/dev/null || echo root refused; for f in /tmp /run /var/tmp /dev/shm; do touch $f/x || echo $f refused; done'
    expect(await inside(['--read-only'], 'sh', '-c', script)).toBe('root refused')
  })

  test('a change to the root stays with its container', async () => {
    await store.ok('run', '--name', 'writer', IMAGE, 'sh', '-c', 'echo mine >/root/file; rm /etc/group')
    expect(await inside([], 'sh', '-c', 'ls /root/file 2>/dev/null; ls /etc/group')).toBe('/etc/group')
    await store.ok('rm', 'writer')
  })

  test('--shm-size', async () => {
    expect(await inside(['--shm-size', '2m'], 'grep', ' /dev/shm ', '/proc/mounts')).toMatch(/size=2048k/)
    expect(await inside([], 'grep', ' /dev/shm ', '/proc/mounts')).toMatch(/size=64000k/)
  })
})

describe('privileges', () => {
  const capabilities = async (...options: string[]) =>
    BigInt(`0x${(await inside(options, 'grep', 'CapEff', '/proc/self/status')).split('\t')[1]}`)
  const SYS_ADMIN = 1n << 21n
  const NET_RAW = 1n << 13n
  const CHOWN = 1n

  test("root has Podman's eleven capabilities", async () => {
    expect((await capabilities()).toString(16)).toBe('800405fb')
  })

  test('--cap-add and --cap-drop', async () => {
    expect((await capabilities('--cap-add', 'sys_admin')) & SYS_ADMIN).toBe(SYS_ADMIN)
    expect((await capabilities('--cap-add', 'CAP_NET_RAW')) & NET_RAW).toBe(NET_RAW)
    expect((await capabilities('--cap-drop', 'CHOWN')) & CHOWN).toBe(0n)
    expect(await capabilities('--cap-drop', 'all')).toBe(0n)
    expect(await store.fails(125, 'run', '--rm', '--cap-add', 'FLYING', IMAGE, 'true')).toMatch(/FLYING/i)
  })

  test('--privileged has all that the caller has, and no masks', async () => {
    const own = BigInt(`0x${/CapEff:\s*(\S+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1]}`)
    expect(await capabilities('--privileged')).toBe(own)
    expect(await inside(['--privileged'], 'grep', 'Seccomp:', '/proc/self/status')).toMatch(/0$/)
    expect(await inside(['--privileged'], 'sh', '-c', 'ls /dev | wc -l')).not.toBe(
      await inside([], 'sh', '-c', 'ls /dev | wc -l'),
    )
  })

  test('seccomp is on, and off where asked', async () => {
    expect(await inside([], 'grep', 'Seccomp:', '/proc/self/status')).toMatch(/2$/)
    expect(
      await inside(['--security-opt', 'seccomp=unconfined'], 'grep', 'Seccomp:', '/proc/self/status'),
    ).toMatch(/0$/)
  })

  test('--security-opt no-new-privileges', async () => {
    expect(await inside([], 'grep', 'NoNewPrivs', '/proc/self/status')).toMatch(/0$/)
    expect(
      await inside(['--security-opt', 'no-new-privileges'], 'grep', 'NoNewPrivs', '/proc/self/status'),
    ).toMatch(/1$/)
  })

  test('--ulimit', async () => {
    expect(
      await inside(
        ['--ulimit', 'nofile=100:200', '--ulimit', 'nproc=1000'],
        'sh',
        '-c',
        'ulimit -Sn; ulimit -Hn',
      ),
    ).toBe('100\n200')
    expect(await store.fails(125, 'run', '--rm', '--ulimit', 'nonsense=1', IMAGE, 'true')).toMatch(/nonsense/)
  })

  test('--sysctl', async () => {
    expect(
      await inside(
        ['--sysctl', 'net.ipv4.ip_unprivileged_port_start=80'],
        'cat',
        '/proc/sys/net/ipv4/ip_unprivileged_port_start',
      ),
    ).toBe('80')
    expect(await inside(['--sysctl', 'kernel.msgmax=4096'], 'cat', '/proc/sys/kernel/msgmax')).toBe('4096')
  })
})

describe('names and files', () => {
  test('--cidfile gets the id, and must not be there', async () => {
    const path = join(store.folder, 'cid')
    const id = await store.ok('run', '--detach', '--cidfile', path, IMAGE, 'sleep', '1000')
    expect(readFileSync(path, 'utf8').trim()).toBe(id)
    expect(await store.fails(125, 'run', '--rm', '--cidfile', path, IMAGE, 'true')).toMatch(
      /container id file exists/i,
    )
    await store.ok('rm', '--force', '--time', '0', '--cidfile', path)
  })

  test('a name in use', async () => {
    await store.ok('create', '--name', 'taken', IMAGE, 'true')
    const id = await store.inspect('taken', '{{.Id}}')
    const message = await store.fails(125, 'run', '--name', 'taken', IMAGE, 'true')
    expect(message).toContain(
      `the container name "taken" is already in use by ${PODMAN ? '' : id.slice(0, 12)}`,
    )
    await store.ok('create', '--replace', '--name', 'taken', IMAGE, 'false')
    expect(await store.inspect('taken', '{{.Id}}')).not.toBe(id)
  })

  test('a bad name', async () => {
    expect(await store.fails(125, 'create', '--name', 'not/good', IMAGE)).toMatch(
      /names must match \[a-zA-Z0-9\]\[a-zA-Z0-9_\.-\]\*: invalid argument/,
    )
  })

  test('--label is kept and can be filtered by', async () => {
    await store.ok('create', '--name', 'labelled', '--label', 'tier=web', '--label', 'empty', IMAGE, 'true')
    expect(await store.inspect('labelled', '{{index .Config.Labels "tier"}}')).toBe('web')
    expect(await store.ok('ps', '--all', '--filter', 'label=tier=web', '--format', '{{.Names}}')).toBe(
      'labelled',
    )
    expect(await store.ok('ps', '--all', '--filter', 'label=tier=none', '--format', '{{.Names}}')).toBe('')
  })
})

describe('network files', () => {
  test('--dns, --dns-search and --dns-option', async () => {
    const options = ['--dns', '192.0.2.53', '--dns-search', 'example.test', '--dns-option', 'ndots:3']
    const lines = (await inside(options, 'cat', '/etc/resolv.conf')).split('\n')
    expect(lines).toEqual(
      expect.arrayContaining(['search example.test', 'nameserver 192.0.2.53', 'options ndots:3']),
    )
  })

  test('--add-host, and the names of the container itself', async () => {
    const hosts = await inside(
      ['--add-host', 'db.test:192.0.2.9', '--name', 'webname', '--hostname', 'webhost'],
      'cat',
      '/etc/hosts',
    )
    expect(hosts).toMatch(/^192\.0\.2\.9\s+db\.test$/m)
    expect(hosts).toMatch(/^10\.\S+\s.*\bwebhost\b.*\bwebname\b/m)
    expect(hosts).toMatch(/host\.containers\.internal/)
  })

  test('--network none has lo alone, host has all', async () => {
    const list = ['sh', '-c', 'cd /sys/class/net; echo *'] as const
    expect(await inside(['--network', 'none'], ...list)).toBe('lo')
    expect(await inside(['--network', 'host'], 'readlink', '/proc/self/ns/net')).toBe(
      readlinkSync('/proc/self/ns/net'),
    )
  })
})

test('what is not there yet is refused, and never ignored', async () => {
  if (PODMAN) return
  for (const option of [
    ['--gpus', 'all'],
    ['--blkio-weight-device', '/dev/null:100'],
    ['--ip6', 'fd00::9'],
  ]) {
    const { exitCode, stderr } = await store.run(['run', '--rm', ...option, IMAGE, 'true'])
    expect({ option, exitCode, stderr }).toMatchObject({
      exitCode: 125,
      stderr: expect.stringContaining(option[0]!),
    })
  }
})
