import { chmodSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { tar } from '../unit/image/make-tar'
import { PODMAN } from './harness/command'
import { fetchText, freePort } from './harness/http'
import { missing, type OrdinaryUser, useOrdinaryUser } from './harness/ordinary-user'
import { findProgram } from './harness/rootfs'
import { eventually } from './harness/wait'

/** What somebody with his own id alone has, for either reason. */
const worksAlone = (user: OrdinaryUser) => {
  afterEach(() => user.clear())

  test('has his own id', () => {
    const map = user.ok('run', '--rm', 'localhost/base', 'sh', '-c', 'cat /proc/self/uid_map; id')
    expect(map).toMatch(new RegExp(`^\\s*0\\s+${user.uid}\\s+1\\nuid=0\\(root\\) gid=0\\(root\\)`))
  })

  test('runs pods, with ports and volumes', async () => {
    const port = await freePort()
    user.ok('pod', 'create', '--name', 'web', '-p', `${port}:8080`)
    user.ok('run', '-d', '--pod', 'web', '--name', 'server', '-v', `${user.home}:/data`, 'localhost/httpd')
    expect(await eventually(() => fetchText('127.0.0.1', port))).toMatch(/^web /)
    user.ok('exec', 'server', 'touch', '/data/made')
    expect(statSync(join(user.home, 'made')).uid).toBe(user.uid)
  })

  test('is told what an image with more ids needs', () => {
    const archive = join(user.folder, 'seven.tar')
    writeFileSync(archive, tar({ name: 'file', data: 'x', uid: 7, gid: 8 }))
    expect(user.fails(125, 'import', archive, 'localhost/seven')).toMatch(
      /potentially insufficient UIDs or GIDs .*7:8 for "?file"?.*newuidmap.*\/etc\/subuid/,
    )
    expect(user.fails(125, 'create', '--userns', 'keep-id', 'localhost/base')).toContain(
      'keep-id needs subordinate ids',
    )
    expect(user.run(['run', '--rm', '--user', '1000', 'localhost/base', 'id']).stderr).toContain(
      'is not mapped',
    )
  })
}

describe.skipIf(PODMAN || missing.length > 0)('an ordinary user without subordinate ids', () => {
  worksAlone(useOrdinaryUser({ name: 'tspod-t2', ranges: false }))
})

describe.skipIf(PODMAN || missing.length > 0)('an ordinary user without newuidmap', () => {
  worksAlone(useOrdinaryUser({ name: 'tspod-t3', ranges: true, withoutMappers: true }))
})

const TUN = '/dev/net/tun'

describe.skipIf(PODMAN || missing.length > 0)('the way out of an ordinary user’s network', () => {
  const user = useOrdinaryUser({ name: 'tspod-t4', ranges: true })
  afterEach(() => user.clear())

  /** Runs `act` with the card's device open to everybody, or to root alone. */
  const withTun = (mode: number, act: () => void) => {
    const before = statSync(TUN).mode & 0o777
    chmodSync(TUN, mode)
    try {
      act()
    } finally {
      chmodSync(TUN, before)
    }
  }

  test.for(['pasta', 'slirp4netns'])('is %s', (program, context) => {
    if (!findProgram(program)) return context.skip(`this host has no ${program}`)
    withTun(0o666, () => {
      user.ok('run', '-d', '--network', program, '--name', program, 'localhost/base', 'sleep', '100')
      expect(user.ok('exec', program, 'ip', 'route')).toMatch(/^default via/m)
      expect(user.ok('inspect', '--format', '{{.HostConfig.NetworkMode}}', program)).toBe(program)
      expect(user.ok('exec', program, 'cat', '/etc/resolv.conf')).toMatch(
        /^nameserver (169\.254\.1\.1|10\.0\.2\.3)$/m,
      )
      // pasta is another name of passt, which runs as passt.avx2 where it can
      expect(user.processes().join('\n')).toMatch(/ (pasta|passt|slirp4netns)/)
      user.ok('rm', '-f', '-t', '0', program)
    })
  })

  test('ends with its container', () =>
    eventually(() => !user.processes().some((line) => / (pasta|passt|slirp)/.test(line))))

  test('that cannot work is said, and why', () => {
    withTun(0o600, () => {
      const result = user.run(['run', '--rm', 'localhost/base', 'echo', 'runs'])
      expect(result).toMatchObject({ code: 0, stdout: 'runs' })
      expect(result.stderr).toMatch(/\/dev\/net\/tun is closed to you|install passt/)
      expect(user.run(['run', '--rm', '--network', 'none', 'localhost/base', 'true']).stderr).toBe('')
      expect(user.run(['run', '--rm', '--network', 'pasta', 'localhost/base', 'true']).code).not.toBe(0)
    })
  })

  test('is no bridge', () => {
    expect(user.fails(125, 'create', '--ip', '10.88.0.9', 'localhost/base')).toContain(
      'needs a bridge, which takes root',
    )
    expect(user.fails(125, 'create', '--network', 'mine', 'localhost/base')).toContain(
      'network mine needs a bridge',
    )
  })
})
