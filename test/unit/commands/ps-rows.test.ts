import { beforeAll, describe, expect, it } from 'vitest'
import { portsText } from '../../../src/cli/ports'
import { PS_HEADERS, psFormat, psJson, psRow } from '../../../src/cli/ps-rows'
import { renderRows } from '../../../src/cli/report'
import type { ListContainer, ListPort } from '../../../src/libpod'

beforeAll(() => {
  process.env.TZ = 'UTC'
})

const NOW = Date.parse('2026-01-02T03:04:05Z')
const seconds = (ago: number) => NOW / 1000 - ago

const container = (changes: Partial<ListContainer> = {}): ListContainer => ({
  AutoRemove: false,
  Command: ['sh', '-c', 'echo hello there world; sleep 1000'],
  Created: '2026-01-02T03:01:04.123456789Z',
  CreatedAt: '2026-01-02 03:01:04.123456789 +0000 UTC',
  CIDFile: '',
  Exited: false,
  ExitedAt: -62135596800,
  ExitCode: 0,
  ExposedPorts: null,
  Id: '0123456789abcdef'.repeat(4),
  Image: 'localhost/bb:latest',
  ImageID: 'fedcba9876543210'.repeat(4),
  IsInfra: false,
  Labels: { b: '2', a: '1' },
  Mounts: [],
  Names: ['web'],
  Namespaces: { Net: '4026531840' },
  Networks: ['podman'],
  Pid: 7,
  Pod: '',
  PodName: '',
  Ports: null,
  Restarts: 0,
  Size: null,
  StartedAt: seconds(125),
  State: 'running',
  Status: '',
  ...changes,
})

const port = (changes: Partial<ListPort> = {}): ListPort => ({
  host_ip: '',
  container_port: 80,
  host_port: 8080,
  range: 1,
  protocol: 'tcp',
  ...changes,
})

const plain = { ns: false, pod: false, size: false }

const table = (rows: ListContainer[], format = psFormat(plain), noTrunc = false) =>
  renderRows(
    format,
    rows.map((row) => psRow(row, noTrunc, NOW)),
    { name: 'ps', headers: PS_HEADERS },
  )

const field = (template: string, changes: Partial<ListContainer> = {}) =>
  table([container(changes)], template).trimEnd()

describe('the table of ps', () => {
  it("has Podman's columns and widths", () => {
    const rows = [container({ Ports: [port()] }), container({ Names: ['other'], State: 'created' })]
    expect(table(rows)).toBe(
      [
        'CONTAINER ID  IMAGE                COMMAND               CREATED        STATUS        PORTS                 NAMES',
        '0123456789ab  localhost/bb:latest  sh -c echo hello ...  3 minutes ago  Up 2 minutes  0.0.0.0:8080->80/tcp  web',
        '0123456789ab  localhost/bb:latest  sh -c echo hello ...  3 minutes ago  Created                             other',
        '',
      ].join('\n'),
    )
  })

  it('adds the pod and the size, or shows namespaces', () => {
    const heads = (asked: object) => table([], psFormat({ ...plain, ...asked })).split(/ {2,}|\n/)
    expect(heads({ pod: true, size: true }).slice(6, 10)).toEqual(['NAMES', 'POD ID', 'PODNAME', 'SIZE'])
    expect(heads({ ns: true }).join(' ')).toBe(
      'CONTAINER ID NAMES PID CGROUPNS IPC MNT NET PIDNS USERNS UTS ',
    )
  })

  it('shortens nothing where asked', () => {
    const text = table([container()], psFormat(plain), true)
    expect(text).toContain('sh -c echo hello there world; sleep 1000')
    expect(text).toContain(container().Id)
  })
})

describe('the fields of ps', () => {
  it.each([
    [{ State: 'running', StartedAt: seconds(1) }, 'Up 1 second'],
    [{ State: 'exited', ExitCode: 3, ExitedAt: seconds(3600) }, 'Exited (3) About an hour ago'],
    [{ State: 'stopped', ExitCode: 0, ExitedAt: seconds(10) }, 'Exited (0) 10 seconds ago'],
    [{ State: 'paused' }, 'Paused'],
  ])('says the state of %o', (changes, text) => {
    expect(field('{{.Status}}', changes)).toBe(text)
  })

  it('keeps nanoseconds, labels in one line, namespaces with and without their prefix', () => {
    expect(field('{{.CreatedAt}}')).toBe('2026-01-02 03:01:04.123456789 +0000 UTC')
    expect(field('{{.Labels}} {{json .Labels}} {{.Label "b"}}')).toBe('a=1,b=2 "a=1,b=2" 2')
    expect(field(psFormat({ ...plain, format: '{{.Namespaces.NET}} {{.NET}}' }))).toBe(
      '4026531840 4026531840',
    )
    expect(field('{{.Size}}', { Size: { rwSize: 1234, rootFsSize: 5_678_901 } })).toBe(
      '1.23kB (virtual 5.68MB)',
    )
  })

  it('cuts a command by bytes', () => {
    expect(field('{{.Command}}', { Command: ['x'.repeat(17)] })).toBe('x'.repeat(17))
    expect(field('{{.Command}}', { Command: ['x'.repeat(18)] })).toBe(`${'x'.repeat(17)}...`)
    expect(field('{{.Command}}', { Command: null })).toBe('')
  })

  it('complains about a field there is not', () => {
    expect(() => field('{{.Foo}}')).toThrow(
      `template: ps:1:13: executing "ps" at <.Foo>: can't evaluate field Foo in type containers.psReporter`,
    )
  })
})

describe('ports', () => {
  it.each<[ListPort[] | null, Record<string, string[]> | null, string]>([
    [null, null, ''],
    [[port({ host_ip: '127.0.0.1' })], null, '127.0.0.1:8080->80/tcp'],
    [[port({ range: 4 })], null, '0.0.0.0:8080-8083->80-83/tcp'],
    [[port(), port({ protocol: 'udp' })], null, '0.0.0.0:8080->80/tcp, 0.0.0.0:8080->80/udp'],
    [[port()], { '80': ['tcp'], '443': ['tcp'] }, '0.0.0.0:8080->80/tcp, 443/tcp'],
    [null, { '7': ['udp'], '81': ['tcp'], '80': ['tcp'], '83': ['tcp'] }, '80-81/tcp, 83/tcp, 7/udp'],
    [[port({ range: 3 })], { '81': ['tcp'], '83': ['tcp'] }, '0.0.0.0:8080-8082->80-82/tcp, 83/tcp'],
  ])('%o %o', (published, exposed, text) => {
    expect(portsText(published, exposed)).toBe(text)
  })
})

describe('ps --format json', () => {
  it('keeps the order of fields, sorts labels and turns times into numbers', () => {
    const text = psJson([container({ Ports: [port()] })], NOW)
    const [row] = JSON.parse(text) as Record<string, unknown>[]
    expect(Object.keys(row ?? {}).at(-1)).toBe('Created')
    expect(row).toMatchObject({
      Created: Date.parse('2026-01-02T03:01:04Z') / 1000,
      CreatedAt: '3 minutes ago',
      Status: 'Up 2 minutes',
      Command: ['sh', '-c', 'echo hello there world; sleep 1000'],
    })
    expect(text).toContain('"Labels": {\n      "a": "1",\n      "b": "2"\n    }')
    expect(text.replaceAll(/\s/g, '')).toContain(
      '{"host_ip":"","container_port":80,"host_port":8080,"range":1,"protocol":"tcp"}',
    )
  })
})
