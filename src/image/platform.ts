import type { Descriptor, Platform } from './types'

// Node's names of processors, and Go's.
const ARCHITECTURES: Record<string, string> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le', mips: 'mipsle' }

export const hostPlatform = (): Platform => ({
  os: 'linux',
  architecture: ARCHITECTURES[process.arch] ?? process.arch,
})

/** As Go's names, whatever a user or a package wrote. */
export const normalizeArchitecture = (name: string): string =>
  ({ aarch64: 'arm64', x86_64: 'amd64', 'x86-64': 'amd64', i386: '386', armhf: 'arm', armel: 'arm' })[
    name.toLowerCase()
  ] ?? name

/** The manifest of an index that fits this machine; undefined where none does. */
export const chooseManifest = (
  manifests: readonly Descriptor[],
  wanted: Platform = hostPlatform(),
): Descriptor | undefined => {
  const fits = ({ platform }: Descriptor) =>
    !platform || (platform.os === wanted.os && platform.architecture === wanted.architecture)
  return manifests.find(fits)
}
