import { createHash } from 'node:crypto'
import { TspodError } from '../errors'

const DIGEST = /^sha256:[0-9a-f]{64}$/

const isDigest = (text: string): boolean => DIGEST.test(text)

/** The 64 hex digits of a digest; anything but SHA-256 is refused, as it would become a file name. */
export const hexOf = (digest: string): string => {
  if (!isDigest(digest))
    throw new TspodError('damaged', `${JSON.stringify(digest)} is no SHA-256 digest`, { object: digest })
  return digest.slice(7)
}

export const digestOf = (bytes: Uint8Array | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** For people: the first 12 hex digits. */
export const short = (idOrDigest: string): string => idOrDigest.replace(/^sha256:/, '').slice(0, 12)

/**
 * The identity of each layer with all that lies under it, bottom first: the first layer's diff ID, then the digest of
 * the chain so far and the next diff ID (OCI image specification, "Layer ChainID").
 */
export const chainIds = (diffIds: readonly string[]): string[] => {
  const chain: string[] = []
  for (const diffId of diffIds) {
    const below = chain.at(-1)
    chain.push(below === undefined ? diffId : digestOf(`${below} ${diffId}`))
  }
  return chain
}
