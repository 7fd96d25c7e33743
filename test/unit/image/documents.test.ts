import { describe, expect, it } from 'vitest'
import { digestOf, hexOf } from '../../../src/image/digest'
import {
  parseConfig,
  parseDockerManifest,
  parseIndex,
  parseLayerRecord,
  parseManifest,
} from '../../../src/image/store/documents'

const json = (value: unknown) => Buffer.from(JSON.stringify(value))
const digest = digestOf('x')
const descriptor = { mediaType: 'm', digest, size: 1 }

describe('documents of strangers', () => {
  it.for([
    ['no JSON', () => parseIndex(Buffer.from('{'), 'index.json'), 'index.json is damaged: it is no JSON'],
    ['another shape', () => parseIndex(json([]), 'index.json'), 'index.json is damaged: '],
    [
      'a digest that is a path',
      () =>
        parseManifest(
          json({ schemaVersion: 2, config: { ...descriptor, digest: '../../etc/passwd' }, layers: [] }),
          'm',
        ),
      'm is damaged: config.digest: is no SHA-256 digest',
    ],
    [
      'a size below zero',
      () => parseManifest(json({ schemaVersion: 2, config: { ...descriptor, size: -1 }, layers: [] }), 'm'),
      'm is damaged: config.size',
    ],
    [
      'an old manifest',
      () => parseManifest(json({ schemaVersion: 1, fsLayers: [] }), 'm'),
      'm is damaged: schemaVersion',
    ],
    [
      'words that are numbers',
      () => parseConfig(json({ rootfs: { type: 'layers' }, config: { Cmd: [1] } }), 'c'),
      'c is damaged: config.Cmd.0',
    ],
    [
      'a list that is none',
      () => parseDockerManifest(json({ Config: 'x' }), 'manifest.json'),
      'manifest.json is damaged',
    ],
    [
      'a record without its layer',
      () => parseLayerRecord(json({ chainId: digest }), 'layer.json'),
      'layer.json is damaged',
    ],
  ] as [string, () => unknown, string][])('are refused with %s', ([, parse, problem]) => {
    expect(parse).toThrow(problem)
  })

  it('written by Go have null where nothing is', () => {
    const config = parseConfig(
      json({
        architecture: 'amd64',
        os: 'linux',
        config: { Env: null, Cmd: ['a'], Labels: null },
        rootfs: { type: 'layers', diff_ids: null },
        history: null,
      }),
      'c',
    )
    expect(config).toEqual({
      architecture: 'amd64',
      os: 'linux',
      config: { Cmd: ['a'] },
      rootfs: { type: 'layers', diff_ids: [] },
    })
  })

  it('keep what this version does not know', () => {
    const config = parseConfig(
      json({ os: 'linux', architecture: 'arm64', rootfs: { type: 'layers', diff_ids: [] }, future: 1 }),
      'c',
    )
    expect(config).toMatchObject({ future: 1 })
  })
})

it('a digest becomes a file name only where it is one', () => {
  expect(hexOf(digest)).toHaveLength(64)
  for (const bad of ['sha256:../x', 'sha512:abc', `sha256:${'A'.repeat(64)}`, '', `${digest}\n`])
    expect(() => hexOf(bad)).toThrow('is no SHA-256 digest')
})
