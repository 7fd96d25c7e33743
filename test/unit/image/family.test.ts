import { expect, it } from 'vitest'
import { chainIds, digestOf } from '../../../src/image/digest'
import { familyOf } from '../../../src/image/store/family'
import type { HistoryEntry, StoredImage } from '../../../src/image/types'

const diff = (name: string) => digestOf(name)

const image = (id: string, layers: string[], history: HistoryEntry[]): StoredImage => ({
  id,
  digest: '',
  names: [],
  namesHistory: [],
  manifest: { schemaVersion: 2, config: { mediaType: '', digest: '', size: 0 }, layers: [] },
  config: {
    os: 'linux',
    architecture: 'amd64',
    rootfs: { type: 'layers', diff_ids: layers.map(diff) },
    history,
  },
})

const [one, two, three]: HistoryEntry[] = [
  { created_by: 'one', created: '2026-01-01T00:00:00Z' },
  { created_by: 'two' },
  { created_by: 'three', empty_layer: true },
]

const base = image('base', ['a'], [one!])
const child = image('child', ['a', 'b'], [one!, two!])
const labelled = image('labelled', ['a', 'b'], [one!, two!, three!])
const stranger = image('stranger', ['a', 'b'], [{ ...one!, comment: 'other' }, two!])

it('chains layers as the OCI specification says', () => {
  expect(chainIds([diff('a')])).toEqual([diff('a')])
  expect(chainIds([diff('a'), diff('b')])).toEqual([diff('a'), digestOf(`${diff('a')} ${diff('b')}`)])
})

it('knows the image that another was built on by its layers and its history', () => {
  const family = familyOf([base, child, labelled, stranger])
  expect(family.parentOf(base)).toBeUndefined()
  expect(family.parentOf(child)).toBe(base)
  expect(family.parentOf(labelled)).toBe(child)
  expect(family.parentOf(stranger)).toBeUndefined()
  expect([base, child, labelled, stranger].map((one) => family.hasChildren(one))).toEqual([
    true,
    true,
    false,
    false,
  ])
})

it('takes images without layers for relatives too', () => {
  const empty = image('empty', [], [{ created_by: 'x', empty_layer: true }])
  const next = image('next', [], [{ created_by: 'x', empty_layer: true }, three!])
  expect(familyOf([empty, next]).parentOf(next)).toBe(empty)
})
