import { execFileSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { openKernel } from '../../../src/kernel'
import { O } from '../../../src/kernel/constants'

// Whatever a hostile archive or container leaves must go, and nothing else.
const kernel = openKernel()
let folder: string
let fd: number

beforeAll(() => {
  folder = mkdtempSync(join(inject('folder'), 'remove-'))
  fd = kernel.openat(-100, folder, O.RDONLY | O.DIRECTORY)
})
afterAll(() => {
  kernel.close(fd)
  rmSync(folder, { recursive: true, force: true })
})

const shell = (script: string) => execFileSync('sh', ['-c', script], { cwd: folder })

test('a tree deeper than any path', () => {
  const step = 'd'.repeat(200)
  shell(
    `mkdir deep; cd deep; i=0; while [ $i -lt 60 ]; do mkdir ${step} && cd -P ${step} && : > file; i=$((i+1)); done`,
  )
  kernel.removeTree(fd, 'deep')
  expect(readdirSync(folder)).toEqual([])
})

test('links, but not what they lead to', () => {
  mkdirSync(join(folder, 'kept'))
  writeFileSync(join(folder, 'kept/file'), 'kept')
  mkdirSync(join(folder, 'tree/inner'), { recursive: true })
  symlinkSync('../kept', join(folder, 'tree/up'))
  symlinkSync(join(folder, 'kept'), join(folder, 'tree/inner/absolute'))
  symlinkSync('kept', join(folder, 'alone'))
  kernel.removeTree(fd, 'tree')
  kernel.removeTree(fd, 'alone')
  expect(readdirSync(folder)).toEqual(['kept'])
  expect(readFileSync(join(folder, 'kept/file'), 'utf8')).toBe('kept')
  kernel.removeTree(fd, 'kept')
})

test('names of any bytes, closed folders, pipes and many files', () => {
  shell(`mkdir -p odd/closed/inner && : > odd/closed/inner/file && chmod 0 odd/closed/inner odd/closed
    mkfifo odd/pipe; touch "$(printf 'odd/\\377\\n\\001')"; mkdir 'odd/-rf' 'odd/..x'
    i=0; while [ $i -lt 3000 ]; do : > odd/file$i; i=$((i+1)); done`)
  kernel.removeTree(fd, 'odd')
  expect(readdirSync(folder)).toEqual([])
})

test('what is not there, without an error', () => {
  kernel.removeTree(fd, 'nothing')
  writeFileSync(join(folder, 'plain'), '')
  kernel.removeTree(fd, 'plain')
  expect(existsSync(join(folder, 'plain'))).toBe(false)
})
