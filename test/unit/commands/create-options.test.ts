import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFlags } from '../../../src/cli/create-flags'
import { createOptions } from '../../../src/cli/create-options'
import { type FlagDefinition, parseLine } from '../../../src/cli/pflag'
import { podCreateFlags, podCreateOptions } from '../../../src/cli/pod-create-options'

/** What BaseCommand.parse makes of a command line. */
function lineOf<Flags extends Record<string, { default?: unknown }>>(flags: Flags, argv: string[]) {
  const parsed = parseLine(argv, flags as unknown as Record<string, FlagDefinition>, false)
  const entries = Object.entries(flags).map(([name, { default: otherwise }]) => [
    name,
    parsed.values.get(name) ?? otherwise,
  ])
  return {
    flags: Object.fromEntries(entries) as { [Name in keyof Flags]: unknown },
    argv: parsed.args,
    changed: new Set(parsed.values.keys()),
  }
}

const options = (...argv: string[]) => createOptions(lineOf(createFlags, argv))
const podOptions = (...argv: string[]) => podCreateOptions(lineOf(podCreateFlags, argv))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-options-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

describe('createOptions', () => {
  it('gives the engine what was typed, under its own names, and nothing else', () => {
    const { hostEnvironment, createCommand, ...given } = options(
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

  it('leaves the flags of the command in the container alone', () => {
    expect(options('img', '--rm', '-d').command).toEqual(['--rm', '-d'])
    expect(options('img', '--rm').rm).toBeUndefined()
  })

  it('joins labels of files and of the line, the line last', () => {
    writeFileSync(join(folder, 'labels'), '# none\na=file\nb\n')
    expect(options('--label-file', join(folder, 'labels'), '-l', 'a=line', 'img').label).toEqual([
      'a=line',
      'b=',
    ])
  })

  it('reads environment files', () => {
    writeFileSync(join(folder, 'env'), 'A=1\n  B=two words\n')
    expect(options('--env-file', join(folder, 'env'), 'img').envFile).toEqual(['A=1', 'B=two words'])
    expect(() => options('--env-file', join(folder, 'none'), 'img')).toThrow(
      `open ${folder}/none: no such file or directory`,
    )
  })

  it('refuses to fetch, and to replace what has no name', () => {
    expect(() => options('--pull=always', 'img')).toThrow('--pull=always is not supported by tspod yet')
    expect(() => options('--pull', 'sometimes', 'img')).toThrow('unsupported pull policy "sometimes"')
    expect(options('--pull', 'never', 'img').image).toBe('img')
    expect(() => options('--replace', 'img')).toThrow('cannot replace container without --name being set')
  })

  it('names the label that is none', () => {
    expect(() => options('-l', '=x', 'img')).toThrow('unable to process labels: invalid label format: "=x"')
  })
})

describe('podCreateOptions', () => {
  it('tells a flag that was given from its default', () => {
    expect(podOptions('web')).not.toHaveProperty('infra')
    expect(podOptions('--infra', 'web').infra).toBe(true)
    expect(podOptions('--infra=false', 'web').infra).toBe(false)
    expect(podOptions('--share', '', 'web').share).toBe('')
    expect(podOptions('web')).not.toHaveProperty('share')
  })

  it('takes the name as a word or by a flag', () => {
    expect(podOptions('web').name).toBe('web')
    expect(podOptions('-n', 'web').name).toBe('web')
    expect(() => podOptions('-n', 'a', 'b')).toThrow('cannot specify --name and NAME at the same time')
    expect(() => podOptions('--replace')).toThrow('cannot replace pod without --name being set')
  })
})
