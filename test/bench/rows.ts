import { fetchBytes, requestRate } from './port'
import type { Row } from './row'
import { IMAGE, type Subject } from './subject'

const sleeper = (subject: Subject, ...options: string[]) =>
  subject.ok('run', '-d', ...options, IMAGE, 'sleep', '100000')

const fiveContainers = (subject: Subject) => {
  subject.ok('pod', 'create', '--name', 'five')
  for (let n = 0; n < 4; n++) sleeper(subject, '--pod', 'five', '--name', `c${n}`)
}

const runningPod = (subject: Subject) => {
  subject.ok('pod', 'create', '--name', 'pod')
  sleeper(subject, '--pod', 'pod', '--name', 'first')
}

const created = (count: number) => (subject: Subject) => {
  for (let n = 0; n < count; n++)
    subject.ok('create', '--network', 'none', '--name', `made${n}`, IMAGE, 'true')
}

const BYTES = 200 * 1024 * 1024
/** Lines of one byte: what costs a log the most. */
const flood = ['sh', '-c', `yes | head -c ${BYTES}`]

const web = (port: number) => (subject: Subject) => {
  const hostPort = port + (subject.name === 'tspod' ? 1 : 0)
  subject.ok('run', '-d', '--name', 'web', '-p', `${hostPort}:80`, IMAGE, 'node', '/srv/httpd.js')
}
const portOf = (port: number, subject: Subject) => port + (subject.name === 'tspod' ? 1 : 0)

/** Rows for root. The archive is the image of 150 MB with 3,000 files. */
export const rows = (archive: string): Row[] => [
  {
    name: 'ps, 5 containers',
    limit: 0.9,
    unit: 'ms',
    rounds: 20,
    prepare: fiveContainers,
    measure: (s) => s.time('ps'),
  },
  {
    name: 'inspect',
    limit: 0.9,
    unit: 'ms',
    rounds: 20,
    prepare: fiveContainers,
    measure: (s) => s.time('inspect', 'c0'),
  },
  {
    name: 'pod create',
    limit: 0.9,
    unit: 'ms',
    rounds: 15,
    measure: (s, round) => s.time('pod', 'create', '--name', `made${round}`),
  },
  {
    name: 'run --rm',
    limit: 0.45,
    unit: 'ms',
    rounds: 12,
    measure: (s) => s.time('run', '--rm', IMAGE, 'true'),
  },
  {
    name: 'run --rm --network none',
    limit: 0.5,
    unit: 'ms',
    rounds: 12,
    measure: (s) => s.time('run', '--rm', '--network', 'none', IMAGE, 'true'),
  },
  {
    name: 'run -d --pod a running pod',
    limit: 0.6,
    unit: 'ms',
    rounds: 12,
    prepare: runningPod,
    measure: (s) => s.time('run', '-d', '--pod', 'pod', IMAGE, 'sleep', '100000'),
  },
  {
    name: 'exec',
    limit: 0.3,
    unit: 'ms',
    rounds: 15,
    prepare: runningPod,
    measure: (s) => s.time('exec', 'first', 'true'),
  },
  {
    name: 'stop -t 0 then start',
    limit: 0.5,
    unit: 'ms',
    rounds: 12,
    prepare: (s) => void sleeper(s, '--name', 'cycled'),
    measure: (s) => s.time('stop', '-t', '0', 'cycled') + s.time('start', 'cycled'),
  },
  {
    name: 'ps -a, 200 containers',
    limit: 0.35,
    unit: 'ms',
    rounds: 12,
    prepare: created(200),
    measure: (s) => s.time('ps', '-a'),
  },
  {
    name: '200 MB of output, default log driver',
    limit: 0.1,
    unit: 'ms',
    rounds: 1,
    measure: (s) => s.timePiped('run', '--rm', '--network', 'none', IMAGE, ...flood),
  },
  {
    name: '200 MB of output, log driver none',
    limit: 0.8,
    unit: 'ms',
    rounds: 3,
    measure: (s) => s.timePiped('run', '--rm', '--network', 'none', '--log-driver', 'none', IMAGE, ...flood),
  },
  {
    name: 'load, 150 MB in 3,000 files',
    limit: 0.5,
    unit: 'ms',
    rounds: 3,
    measure: (s) => {
      const took = s.time('load', '--quiet', '--input', archive)
      s.ok('rmi', '--force', 'localhost/many:latest')
      return took
    },
  },
  {
    name: 'eight run --rm at once',
    limit: 0.6,
    unit: 'ms',
    rounds: 6,
    measure: (s) => s.timeAtOnce(8, 'run', '--rm', IMAGE, 'true'),
  },
  {
    name: 'published port: throughput',
    limit: 1,
    unit: 'MB/s',
    better: 'more',
    rounds: 6,
    prepare: web(28180),
    measure: (s) => fetchBytes(portOf(28180, s), 512 << 20),
  },
  {
    name: 'published port: requests',
    limit: 1,
    unit: 'requests/s',
    better: 'more',
    rounds: 6,
    prepare: web(28190),
    measure: (s) => requestRate(portOf(28190, s), 4000),
  },
]

/** Rows for an ordinary user. */
export const userRows = (): Row[] => [
  { name: 'as a user: ps', limit: 0.95, unit: 'ms', rounds: 15, measure: (s) => s.time('ps') },
  {
    name: 'as a user: run --rm --network none',
    limit: 0.55,
    unit: 'ms',
    rounds: 10,
    measure: (s) => s.time('run', '--rm', '--network', 'none', IMAGE, 'true'),
  },
  {
    name: 'as a user: exec',
    limit: 0.45,
    unit: 'ms',
    rounds: 10,
    prepare: (s) => void s.ok('run', '-d', '--network', 'none', '--name', 'first', IMAGE, 'sleep', '100000'),
    measure: (s) => s.time('exec', 'first', 'true'),
  },
]
