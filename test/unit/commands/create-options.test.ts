import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import Create from '../../../commands/create'
import PodCreate from '../../../commands/pod/create'
import type { ContainerCreateOptions, PodCreateOptions } from '../../../src/libpod'
import { runCommand } from './run-command'

/** What `create` asks the engine for. */
async function options(...argv: string[]): Promise<ContainerCreateOptions> {
  let asked: ContainerCreateOptions = {}
  const create = async (given: ContainerCreateOptions) => {
    asked = given
    return { id: 'c1', warnings: [] }
  }
  const { error } = await runCommand(Create, argv, { containers: { create } })
  if (error) throw error
  return asked
}

/** What `pod create` asks the engine for. */
async function podOptions(...argv: string[]): Promise<PodCreateOptions> {
  let asked: PodCreateOptions = {}
  const create = async (given: PodCreateOptions) => {
    asked = given
    return { id: 'p1', warnings: [] }
  }
  const { error } = await runCommand(PodCreate, argv, { pods: { create } })
  if (error) throw error
  return asked
}

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-options-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('createOptions', () => {
  it('gives the engine what was typed, under its own names, and nothing else', async () => {
    const { hostEnvironment, createCommand, ...given } = await options(
      ...['--memory-swap', '2g', '--cpus', '1.5', '-p', '80,443', '--net', 'none', '--read-only-tmpfs=false'],
      ...['-it', '--cap-add', 'a,b', '--cap-add', 'c', 'img', 'sh', '-c', 'x'],
    )
    expect(given).toEqual({
      memorySwap: '2g',
      cpus: 1.5,
      publish: ['80', '443'],
      network: ['none'],
      readOnlyTmpfs: false,
      interactive: true,
      tty: true,
      capAdd: ['a', 'b', 'c'],
      image: 'img',
      command: ['sh', '-c', 'x'],
      label: [],
      envFile: [],
    })
    expect(hostEnvironment).toHaveProperty('PATH')
    expect(createCommand?.[0]).toBe('tspod')
  })

  it('leaves the flags of the command in the container alone', async () => {
    expect((await options('img', '--rm', '-d')).command).toEqual(['--rm', '-d'])
    expect((await options('img', '--rm')).rm).toBeUndefined()
  })

  it('joins labels of files and of the line, the line last', async () => {
    writeFileSync(join(folder, 'labels'), '# none\na=file\nb\n')
    expect((await options('--label-file', join(folder, 'labels'), '-l', 'a=line', 'img')).label).toEqual([
      'a=line',
      'b=',
    ])
  })

  it('reads environment files', async () => {
    writeFileSync(join(folder, 'env'), 'A=1\n  B=two words\n')
    expect((await options('--env-file', join(folder, 'env'), 'img')).envFile).toEqual(['A=1', 'B=two words'])
    await expect(options('--env-file', join(folder, 'none'), 'img')).rejects.toThrow(
      `open ${folder}/none: no such file or directory`,
    )
  })

  it('refuses to fetch, and to replace what has no name', async () => {
    await expect(options('--pull=always', 'img')).rejects.toThrow(
      '--pull=always is not supported by tspod yet',
    )
    await expect(options('--pull', 'sometimes', 'img')).rejects.toThrow('unsupported pull policy "sometimes"')
    expect((await options('--pull', 'never', 'img')).image).toBe('img')
    await expect(options('--replace', 'img')).rejects.toThrow(
      'cannot replace container without --name being set',
    )
  })

  it('names the label that is none', async () => {
    await expect(options('-l', '=x', 'img')).rejects.toThrow(
      'unable to process labels: invalid label format: "=x"',
    )
  })
})

describe('podCreateOptions', () => {
  it('tells a flag that was given from its default', async () => {
    expect(await podOptions('web')).not.toHaveProperty('infra')
    expect((await podOptions('--infra', 'web')).infra).toBe(true)
    expect((await podOptions('--infra=false', 'web')).infra).toBe(false)
    expect((await podOptions('--share', '', 'web')).share).toBe('')
    expect(await podOptions('web')).not.toHaveProperty('share')
  })

  it('takes the name as a word or by a flag', async () => {
    expect((await podOptions('web')).name).toBe('web')
    expect((await podOptions('-n', 'web')).name).toBe('web')
    await expect(podOptions('-n', 'a', 'b')).rejects.toThrow(
      'cannot specify --name and NAME at the same time',
    )
    await expect(podOptions('--replace')).rejects.toThrow('cannot replace pod without --name being set')
  })
})
