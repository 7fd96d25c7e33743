import { describe, expect, it } from 'vitest'
import { filterImages, globMatches } from '../../../src/image/store/filters'
import type { ImageSummary } from '../../../src/image/types'

const row = (id: string, names: string[], more: Partial<ImageSummary> = {}): ImageSummary => ({
  id: id.padEnd(64, '0'),
  digest: `sha256:${id.padEnd(64, '1')}`,
  names,
  namesHistory: names,
  repoDigests: [],
  parentId: '',
  created: new Date(`2026-01-0${id}T00:00:00Z`),
  size: 1,
  sharedSize: 0,
  labels: null,
  containers: 0,
  dangling: false,
  intermediate: false,
  platform: { os: 'linux', architecture: 'amd64' },
  ...more,
})

const rows = [
  row('1', ['localhost/web:latest', 'quay.io/team/web:2'], {
    labels: { tier: 'front', empty: '' },
    containers: 1,
  }),
  row('2', ['docker.io/library/alpine:3']),
  row('3', [], { dangling: true }),
  row('4', [], { intermediate: true }),
]

const kept = (...filters: string[]) =>
  filterImages(rows, filters, { find: (name) => rows.find(({ names }) => names.includes(name)) }).map(
    ({ id }) => Number(id[0]),
  )

describe('filters', () => {
  it.for([
    [['dangling=true'], [3]],
    [['dangling=0'], [1, 2, 4]],
    [['intermediate=false'], [1, 2, 3]],
    [['containers=true'], [1]],
    [
      ['containers=false', 'dangling=false'],
      [2, 4],
    ],
    [['id=2'], [2]],
    [['digest=sha256:3'], [3]],
    [['label=tier'], [1]],
    [['label=tier=front'], [1]],
    [['label=tier=back'], []],
    [['label!=tier'], [2, 3, 4]],
    [['label=t*'], [1]],
    [['readonly=true'], []],
    [['manifest=false'], [1, 2, 3, 4]],
    [['since=docker.io/library/alpine:3'], [3, 4]],
    [['before=docker.io/library/alpine:3'], [1]],
    [['until=2026-01-02T12:00:00Z'], [1, 2]],
    [['reference=web'], [1]],
    [['reference=*/web'], [1]],
    [['reference=localhost/w*'], [1]],
    [['reference=alpine:3'], [2]],
    [['reference=library/alpine'], [2]],
    [
      ['reference=a*', 'reference=w*'],
      [1, 2],
    ],
    [['reference!=alpine'], [1, 3, 4]],
    [['reference=nosuch'], []],
  ] as const)('%j', ([filters, ids]) => {
    expect(kept(...filters)).toEqual(ids)
  })

  it.for([
    ['foo', 'invalid image filter "foo": must be in the format "filter=value or filter!=value"'],
    ['foo=bar', 'invalid image filter "foo": must be in the format'],
    [
      'dangling=x',
      'non-boolean value "dangling" for x filter: strconv.ParseBool: parsing "x": invalid syntax',
    ],
    ['containers=some', 'unsupported value "some" for containers filter'],
    ['digest=abc', 'invalid value "abc" for digest filter'],
    ['before=nosuch', 'could not find local image for filter "before"="nosuch": nosuch: image not known'],
  ] as const)('%s is refused', ([filter, problem]) => {
    expect(() => kept(filter)).toThrow(problem)
  })

  it('of one full name show that name alone', () => {
    const [only] = filterImages(rows, ['reference=quay.io/team/web:2'], { find: () => undefined })
    expect(only?.names).toEqual(['quay.io/team/web:2'])
  })
})

describe('patterns', () => {
  it.for([
    ['a*c', 'abbc', true],
    ['a*c', 'a/c', false],
    ['a?c', 'abc', true],
    ['[a-c]x', 'bx', true],
    ['a.c', 'abc', false],
    ['a\\*', 'a*', true],
    ['a\\*', 'ab', false],
    ['(', '(', true],
    ['[', '[', false],
  ] as const)('%s against %s', ([pattern, text, matches]) => {
    expect(globMatches(pattern, text)).toBe(matches)
  })
})
