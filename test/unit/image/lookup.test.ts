import { describe, expect, it } from 'vitest'
import { assignNames, type IndexedImage, imagesOf, indexOf } from '../../../src/image/store/indexed'
import { ID } from '../../../src/image/store/layout'
import { lookUp } from '../../../src/image/store/lookup'

const hex = (start: string) => start.padEnd(64, '0')
const digest = (start: string) => `sha256:${hex(start)}`

const image = (id: string, ...names: string[]): IndexedImage => ({
  id: hex(id),
  digest: digest(`d${id}`),
  size: 1,
  names,
  namesHistory: names,
})

const images = [
  image('abc1', 'localhost/web:latest', 'quay.io/team/web:2'),
  image('abc2', 'docker.io/library/alpine:latest'),
  image('beef', 'localhost/beef:1', 'quay.io/deep/path/tool:latest'),
  image('fade'),
]

const found = (name: string) => {
  const { image, resolvedName } = lookUp(images, name)
  return [image.id.slice(0, 4), resolvedName]
}

describe('an image is found', () => {
  it.for([
    ['web', 'abc1', 'localhost/web:latest'],
    ['localhost/web', 'abc1', 'localhost/web:latest'],
    ['quay.io/team/web:2', 'abc1', 'quay.io/team/web:2'],
    ['alpine', 'abc2', 'docker.io/library/alpine:latest'],
    ['library/alpine', 'abc2', 'docker.io/library/alpine:latest'],
    ['tool', 'beef', 'quay.io/deep/path/tool:latest'],
    ['path/tool', 'beef', 'quay.io/deep/path/tool:latest'],
    ['beef:1', 'beef', 'localhost/beef:1'],
    ['fa', 'fade', 'fa'],
    ['abc1', 'abc1', 'abc1'],
    [hex('abc2'), 'abc2', hex('abc2')],
    [digest('abc2'), 'abc2', digest('abc2')],
    [`web@${digest('dabc1')}`, 'abc1', `localhost/web@${digest('dabc1')}`],
    [`web:other@${digest('dabc1')}`, 'abc1', `localhost/web@${digest('dabc1')}`],
    [`tool@${digest('dbeef')}`, 'beef', 'quay.io/deep/path/tool:latest'],
  ] as const)('by %s', ([name, id, resolved]) => {
    expect(found(name)).toEqual([id, resolved])
  })

  it('by a name before an ID that begins alike', () => {
    const named = [...images, image('1234', 'localhost/abc2:latest')]
    expect(lookUp(named, 'abc2').image.id).toBe(hex('1234'))
  })

  it('in registries that are searched for short names', () => {
    const stored = [image('aa', 'r.example/base:latest')]
    expect(lookUp(stored, 'base', ['r.example']).resolvedName).toBe('r.example/base:latest')
  })
})

describe('no image is found', () => {
  it.for(['nosuch', 'web:1', 'abc', 'quay.io/web', 'eb', hex('0'), `web@${digest('00')}`])(
    'by %s',
    (name) => {
      expect(() => lookUp(images, name)).toThrow(`${name}: image not known`)
    },
  )

  it('by a digest that is none', () => {
    expect(() => lookUp(images, 'sha256:abc')).toThrow(
      'sha256:abc: invalid format: no 64-byte hexadecimal value',
    )
  })

  it('by what can be no name', () => {
    expect(() => lookUp(images, 'A B')).toThrow('parsing reference "A B": invalid reference format')
  })
})

describe('the index', () => {
  it('keeps images, their names and their order', () => {
    expect(imagesOf(indexOf(images), ({ annotations }) => annotations?.[ID] ?? 'none')).toEqual(images)
  })

  it('is read where another tool wrote it, without names or IDs of ours', () => {
    const descriptor = { mediaType: 'm', digest: digest('x'.replace('x', 'd')), size: 3 }
    expect(imagesOf({ schemaVersion: 2, manifests: [descriptor] }, () => hex('77'))).toMatchObject([
      { id: hex('77'), names: [], namesHistory: [] },
    ])
  })

  it('gives a name to one image alone, and remembers who had it', () => {
    const moved = assignNames(images, hex('fade'), ['localhost/web:latest', 'localhost/new:1'])
    expect(moved.map(({ names }) => names)).toEqual([
      ['quay.io/team/web:2'],
      images[1]?.names,
      images[2]?.names,
      ['localhost/web:latest', 'localhost/new:1'],
    ])
    expect(moved[3]?.namesHistory).toEqual(['localhost/new:1', 'localhost/web:latest'])
    expect(moved[0]?.namesHistory).toContain('localhost/web:latest')
  })
})
