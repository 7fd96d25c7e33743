import { describe, expect, it } from 'vitest'
import { createCommand, parseEntrypoint } from '../../../src/specgen/command'

const image = { Entrypoint: ['/init', '-x'], Cmd: ['serve', '--all'] }

describe('command line', () => {
  it.each([
    ['nothing given: the image decides', {}, image, ['/init', '-x', 'serve', '--all']],
    ['a command replaces the image’s', { command: ['sh'] }, image, ['/init', '-x', 'sh']],
    ['an entrypoint drops the image’s command', { entrypoint: '/bin/a' }, image, ['/bin/a']],
    ['both are given', { entrypoint: '/bin/a', command: ['b'] }, image, ['/bin/a', 'b']],
    ['an empty entrypoint clears both', { entrypoint: '' }, image, ['']],
    ['an empty entrypoint with a command', { entrypoint: '', command: ['b', 'c'] }, image, ['b', 'c']],
    ['an empty list leaves the command', { entrypoint: '[]' }, image, ['serve', '--all']],
    ['a JSON entrypoint', { entrypoint: '["/a","b c"]' }, image, ['/a', 'b c']],
    ['neither image nor command', {}, {}, ['']],
  ])('%s', (_, options, config, argv) => {
    expect(createCommand(options, config).argv).toEqual(argv)
  })

  it('keeps what is no list of strings as one word', () => {
    expect(parseEntrypoint('[1]')).toEqual(['[1]'])
    expect(parseEntrypoint('sh -c')).toEqual(['sh -c'])
    expect(parseEntrypoint('{}')).toEqual(['{}'])
  })
})
