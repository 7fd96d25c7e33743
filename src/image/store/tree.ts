import type { StoreContext } from '../context'
import { chainIds } from '../digest'
import type { FoundImage, ImageTree, ImageTreeLayer } from '../types'
import { imageSize, readableImages } from './catalog'

interface LayerNode {
  chainId: string
  size: number
  tags: string[]
  children: LayerNode[]
  parent?: LayerNode
}

/** All layers of all images, by chain ID. */
const layerNodes = (context: StoreContext): Map<string, LayerNode> => {
  const nodes = new Map<string, LayerNode>()
  for (const { config, names, manifest } of readableImages(context)) {
    let below: LayerNode | undefined
    for (const [at, chainId] of chainIds(config.rootfs.diff_ids).entries()) {
      const size = context.layers.find(chainId)?.record.size ?? manifest.layers[at]?.size ?? 0
      const node: LayerNode = nodes.get(chainId) ?? { chainId, size, tags: [], children: [], parent: below }
      if (!nodes.has(chainId)) below?.children.push(node)
      nodes.set(chainId, node)
      below = node
    }
    below?.tags.push(...names.filter((name) => !name.includes('@')))
  }
  return nodes
}

const shown = ({ chainId, size, tags }: LayerNode, children: ImageTreeLayer[]): ImageTreeLayer => ({
  id: chainId.slice('sha256:'.length),
  size,
  tags: [...new Set(tags)],
  children,
})

// A layer without siblings stands beside the one it lies on, as Podman draws it.
const dependents = (node: LayerNode): ImageTreeLayer[] => {
  const above = node.children.flatMap(dependents)
  const alone = !node.parent || node.parent.children.length <= 1
  return alone ? [shown(node, []), ...above] : [shown(node, above)]
}

/** What `image tree` draws: the layers of an image, lowest first, or with `whatRequires` all that lies on its top one. */
export const treeOfImage = (context: StoreContext, image: FoundImage, whatRequires = false): ImageTree => {
  const nodes = layerNodes(context)
  const chain = chainIds(image.config.rootfs.diff_ids)
  const top = nodes.get(chain.at(-1) ?? '')
  const layers = whatRequires
    ? top
      ? dependents(top)
      : []
    : chain.flatMap((chainId) => nodes.get(chainId) ?? []).map((node) => shown(node, []))
  return {
    id: image.id,
    tags: image.names.filter((name) => !name.includes('@')),
    size: imageSize(context, image, context.layout.sizeOf(image.digest)),
    layers,
  }
}
