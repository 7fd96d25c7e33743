import { mkdirSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  circumstancesOf,
  fileStamp,
  namesDescriptors,
  startedWith,
  startVariables,
} from '../../../src/libpod/spare/circumstances'
import { sparePlace } from '../../../src/libpod/spare/place'
import { readSent } from '../../../src/runtime/program/hand-over'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-circumstances-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = (text: string): number => {
  const path = join(folder, 'text')
  writeFileSync(path, text)
  const fd = openSync(path, 'r')
  rmSync(path)
  return fd
}

const STATUS = 'Name:\ttspod\nUmask:\t0022\nPid:\t7\nUid:\t0\t0\t0\t0\nCapEff:\t0000\nSeccomp:\t0\n'
const STAT = `7 (a) b) S ${Array.from({ length: 50 }, (_, index) => index + 4).join(' ')}`
const LIMITS = (soft: string) =>
  `Max stack size   8   8   bytes\nMax open files            ${soft}  20000    files\n`

/** What a launcher has, with what differs from a usual one. */
const launcher = (
  change: { status?: string; stat?: string; limits?: string; loginuid?: string; cgroup?: string } = {},
) => {
  const { status = STATUS, stat = STAT, limits = LIMITS('1024'), loginuid = '0', cgroup = '0::/\n' } = change
  const texts = [status, stat, limits, loginuid, cgroup, '1', '0', ''].map(file)
  const namespaces = Array.from({ length: 9 }, () => openSync('/dev/null', 'r'))
  return { texts, namespaces, root: openSync('/', 'r') }
}

describe('circumstances', () => {
  const usual = () => circumstancesOf(launcher(), false)

  it('are the same for other PIDs, names and soft limits of open files', () => {
    const status = STATUS.replace('7', '8').replace('tspod', 'node')
    const stat = STAT.replace('7 (a) b)', '8 (c)')
    expect(circumstancesOf(launcher({ status, stat, limits: LIMITS('   20000') }), false)).toBe(usual())
  })

  it('differ by what a command may tell', () => {
    for (const change of [
      { status: STATUS.replace('0022', '0077') },
      { status: STATUS.replace('CapEff:\t0000', 'CapEff:\t0001') },
      { status: STATUS.replace('Seccomp:\t0', 'Seccomp:\t2') },
      // each field of it holds its number: 19 is the nice value
      { stat: STAT.replace(' 19 ', ' 25 ') },
      { limits: LIMITS('1024').replace('20000', '30000') },
      { limits: LIMITS('1024').replace('8   8', '4   8') },
      { loginuid: '1000' },
      { cgroup: '0::/other\n' },
    ])
      expect(circumstancesOf(launcher(change), false), JSON.stringify(change)).not.toBe(usual())
  })

  it('leave out what entering a user namespace changes', () => {
    const status = STATUS.replace('CapEff:\t0000', 'CapEff:\t0001').replace('Uid:\t0', 'Uid:\t1000')
    const outside = { ...launcher({ status, loginuid: '1000' }) }
    outside.namespaces[1] = openSync('/dev/zero', 'r')
    expect(circumstancesOf(outside, true)).toBe(circumstancesOf(launcher(), true))
    const elsewhere = launcher()
    elsewhere.namespaces[2] = openSync('/dev/zero', 'r')
    expect(circumstancesOf(elsewhere, true)).not.toBe(circumstancesOf(launcher(), true))
  })
})

describe('what a launcher was started with', () => {
  it('is read as the kernel shows it', () => {
    const environ = file('A=1\0EMPTY=\0WITH=a=b\0TSPOD_COLD=1\0nonsense\0A=2\0')
    const cmdline = file('/spare/tspod\0/bin/tspod\0exec\0\0two words\n\0')
    expect(startedWith({ cmdline, environ })).toEqual({
      args: ['/spare/tspod', '/bin/tspod', 'exec', '', 'two words\n'],
      env: { A: '1', EMPTY: '', WITH: 'a=b' },
    })
  })

  it('may be longer than any buffer', () => {
    const environ = file(`LONG=${'x'.repeat(200_000)}\0`)
    expect(startedWith({ cmdline: file('a\0'), environ }).env.LONG).toHaveLength(200_000)
  })

  it('may name descriptors', () => {
    const names = (args: string[], env = {}) => namesDescriptors({ args, env })
    expect(names(['load', '-i', '/dev/fd/63'])).toBe(true)
    expect(names(['exec', '--preserve-fds=2', 'c'])).toBe(true)
    expect(names(['run'], { LISTEN_FDS: '1' })).toBe(true)
    expect(names(['run', '-v', '/dev/stdin:/x', '--env', 'FD=3'])).toBe(false)
  })

  it('is told apart by the variables that Node reads at its start, and no others', () => {
    const of = (env: Record<string, string>) => startVariables({ PATH: '/bin', ...env })
    for (const name of ['NODE_OPTIONS', 'LD_PRELOAD', 'LC_ALL', 'TZ', 'UV_THREADPOOL_SIZE', 'SSL_CERT_FILE'])
      expect(of({ [name]: 'x' }), name).not.toBe(of({}))
    for (const name of ['HOME', 'NODE_EXTRA_CA_CERTS', 'XDG_DATA_HOME', 'TSPOD_LOG'])
      expect(of({ [name]: 'x' }), name).toBe(of({}))
  })

  it('comes as so many descriptors, or is nothing', () => {
    expect(readSent([])).toBeUndefined()
    expect(readSent(Array.from({ length: 23 }, (_, fd) => fd))).toBeUndefined()
    const sent = readSent(Array.from({ length: 24 }, (_, fd) => fd))
    expect(sent).toMatchObject({ streams: [0, 1, 2], cmdline: 3, environ: 4, cwd: 5, root: 6 })
    expect([sent?.texts.length, sent?.namespaces.length]).toEqual([8, 9])
  })
})

describe('a file', () => {
  it('is another one after a change, and none where there is none', () => {
    const path = join(folder, 'file')
    expect(fileStamp(path)).toBe('')
    writeFileSync(path, 'one')
    const before = fileStamp(path)
    writeFileSync(path, 'other')
    expect(fileStamp(path)).not.toBe(before)
  })
})

describe.skipIf(process.geteuid?.() !== 0)('the place of a spare process', () => {
  it('is a folder that nobody else can enter', () => {
    const place = sparePlace({ TSPOD_SPARE: join(folder, 'a/spare') })
    expect(place).toMatchObject({ socket: join(folder, 'a/spare/socket'), holder: undefined })
    expect(statSync(join(folder, 'a/spare')).mode & 0o777).toBe(0o700)
    mkdirSync(join(folder, 'open'), { mode: 0o755 })
    expect(sparePlace({ TSPOD_SPARE: join(folder, 'open') })).toBeUndefined()
  })

  it('is none where it is turned off, or its name is no folder', () => {
    for (const name of ['', 'relative', join(folder, 'x'.repeat(100))])
      expect(sparePlace({ TSPOD_SPARE: name })).toBeUndefined()
  })

  it('is in the run-time folder of an ordinary user', () => {
    expect(sparePlace({ TSPOD_ROOTLESS: folder })).toMatchObject({
      folder: join(folder, 'tspod/spare'),
      holder: join(folder, 'tspod/holder'),
    })
  })
})
