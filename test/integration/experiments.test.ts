import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { execa } from 'execa'
import { describe, expect, test } from 'vitest'
import { BINARY } from './harness/command'
import { freePort } from './harness/http'
import { needPrograms } from './harness/need'
import { fixtures, repository } from './harness/places'
import { HTTPD, IMAGE, useStore } from './harness/store'

const store = useStore()
const script = join(fixtures, 'experiments.sh')
const rows = execFileSync('sh', [script, '--list'], { encoding: 'utf8' }).trim().split(' ')

/** Programs of the host that a row calls, there or in a container. */
const NEEDS: Record<string, string[]> = {
  netshared: ['ip', 'curl'],
  none: ['ip', 'curl'],
  utsshared: ['hostname'],
  ipcshared: ['ipcmk'],
  pidshared: ['ps'],
  kubernetes: ['hostname', 'ipcmk'],
  lsns: ['lsns', 'nsenter', 'ip', 'hostname'],
  kept: ['nsenter', 'hostname'],
  'one-uts': ['hostname'],
  'one-ipc': ['ipcmk'],
  'one-net': ['ip'],
}

// The script is what a person types, and runs with any POD: each of its rows is a row of the experiments' page.
describe('the namespace experiments', () => {
  test.for(rows)('%s', async (row, context) => {
    needPrograms(context, ...(NEEDS[row] ?? []))
    const result = await execa('sh', [script, row], {
      reject: false,
      all: true,
      timeout: 55_000,
      cwd: store.folder,
      env: {
        POD: [BINARY, ...store.options].join(' '),
        IMAGE,
        HTTPD,
        WEB_PORT: String(await freePort()),
        NONE_PORT: String(await freePort()),
        WORK: join(fixtures, 'work'),
        KOFFI: join(repository, `node_modules/@koromix/koffi-linux-${process.arch}`),
      },
    })
    expect(result.all).toMatch(/^ok: /m)
    expect(result.all).not.toMatch(/^FAILED: /m)
    expect(result.exitCode).toBe(0)
  })
})
