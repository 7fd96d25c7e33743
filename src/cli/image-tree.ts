import type { ImageTree, ImageTreeLayer } from '../libpod'
import { humanSize } from './units'

const SHORT_ID = 12

const layerText = ({ id, size, tags }: ImageTreeLayer): string => {
  const top = tags.length ? ` Top Layer of: [${tags.join(' ')}]` : ''
  return `ID: ${id.slice(0, SHORT_ID)} Size: ${humanSize(size).padStart(7)}${top}`
}

const branches = (layers: readonly ImageTreeLayer[], indent: string): string[] =>
  layers.flatMap((layer, index) => {
    const last = index === layers.length - 1
    const below = branches(layer.children, `${indent}${last ? '    ' : '│   '}`)
    return [`${indent}${last ? '└── ' : '├── '}${layerText(layer)}`, ...below]
  })

/** What `image tree` prints. */
export const treeText = (tree: ImageTree): string =>
  [
    `Image ID: ${tree.id.slice(0, SHORT_ID)}`,
    `Tags:     [${tree.tags.join(' ')}]`,
    `Size:     ${humanSize(tree.size)}`,
    tree.layers.length ? 'Image Layers' : 'No Image Layers',
    ...branches(tree.layers, ''),
    '',
  ].join('\n')
