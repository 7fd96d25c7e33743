import { TspodError } from '../errors'
import type { FoundImage, ImageStore } from '../image'
import { type CreateContext, createContainerConfig } from '../specgen'
import { type ContainerRecord, type FoundPod, findContainer, findPod } from '../state'
import type { ContainerCreateOptions } from './api/containers'
import type { EngineContext } from './context'
import { openIdFile } from './id-file'
import { claimIdentity, type Identity } from './identity'
import { readNetworkOptions } from './network-options'
import { createPod } from './pod-create'
import { infraOf, newContainerRecord, usedIdRanges } from './records'
import { removeContainers } from './remove'
import { readIdFile } from './select'

export interface CreatedContainer {
  id: string
  /** Id of its pod, or its own. */
  sandboxId: string
  warnings: string[]
}

const podOf = (context: EngineContext, options: ContainerCreateOptions): FoundPod | undefined => {
  const name = options.podIdFile ? readIdFile(options.podIdFile, 'pod ID file') : options.pod
  return name ? findPod(context.state, name) : undefined
}

const otherContainer = (context: EngineContext, nameOrId: string) => {
  const { sandbox, container } = findContainer(context.state, nameOrId)
  const { id, name, config } = container
  return { id, name, pod: sandbox.pod && sandbox.id, config }
}

interface Parts {
  identity: Identity
  image?: FoundImage
  pod?: FoundPod
  warnings: string[]
}

const configure = async (context: EngineContext, options: ContainerCreateOptions, parts: Parts) => {
  const { identity, image, pod, warnings } = parts
  const imageConfig = image?.config.config ?? {}
  const home = await context.network()
  const network = readNetworkOptions(home, options, Object.keys(imageConfig.ExposedPorts ?? {}))
  const createContext: CreateContext = {
    id: identity.id,
    name: identity.name,
    image: image && { config: imageConfig, name: image.resolvedName },
    pod: pod && { id: pod.sandbox.id, record: pod.pod, infra: infraOf(pod.sandbox) },
    host: await context.host(),
    networkMode: network.mode,
    network: network.config,
    lookupContainer: (nameOrId) => otherContainer(context, nameOrId),
    usedIds: () => usedIdRanges(context),
    warn: (message) => warnings.push(message),
  }
  return createContainerConfig(options, createContext)
}

/** The image, or Podman's error for one that is not there. */
const findImage = (images: ImageStore, name: string | undefined): FoundImage => {
  if (!name) throw new TspodError('usage', 'must provide an image: invalid argument')
  return images.find(name)
}

const buildRecord = async (
  context: EngineContext,
  options: ContainerCreateOptions,
  image: FoundImage,
  parts: Omit<Parts, 'image'>,
): Promise<ContainerRecord> => {
  const config = await configure(context, options, { ...parts, image })
  if (options.cidfile) config.annotations['io.podman.annotations.cid-file'] = options.cidfile
  const { id, digest, resolvedName } = image
  return newContainerRecord({
    id: parts.identity.id,
    name: parts.identity.name,
    infra: false,
    image: { id, digest, name: resolvedName },
    config,
  })
}

// No image may go between being found and the document that says it is used. The pod's lock comes before the images'.
const createIn = async (
  context: EngineContext,
  options: ContainerCreateOptions,
  podId: string | undefined,
  identity: Identity,
): Promise<CreatedContainer> => {
  const images = await context.images()
  const warnings: string[] = []
  const record = (pod: FoundPod | undefined) =>
    buildRecord(context, options, findImage(images, options.image), { identity, pod, warnings })
  if (podId === undefined) {
    await images.locked(async () => {
      context.state.create({ schema: 1, id: identity.id, containers: [await record(undefined)] })
    })
  } else {
    await context.state.withSandbox(podId, ({ sandbox, save }) =>
      images.locked(async () => {
        sandbox.containers.push(await record({ sandbox, pod: sandbox.pod! }))
        save()
      }),
    )
  }
  return { id: identity.id, sandboxId: podId ?? identity.id, warnings }
}

/** `--pod new:NAME`: the pod takes over what belongs to the shared namespaces. */
const createNewPod = async (
  context: EngineContext,
  options: ContainerCreateOptions,
): Promise<ContainerCreateOptions> => {
  const name = options.pod?.startsWith('new:') ? options.pod.slice(4) : undefined
  if (name === undefined) return options
  if (name === '') throw new TspodError('usage', 'new pod name must be at least one character')
  const {
    network,
    networkAlias,
    ip,
    macAddress,
    publish,
    dns,
    dnsSearch,
    dnsOption,
    addHost,
    noHosts,
    noHostname,
  } = options
  const shared = {
    network,
    networkAlias,
    ip,
    macAddress,
    publish,
    dns,
    dnsSearch,
    dnsOption,
    addHost,
    noHosts,
    noHostname,
  }
  const { hostname, restart, userns, pid, createCommand } = options
  await createPod(context, { name, hostname, restart, userns, pid, createCommand, ...shared })
  const cleared = Object.fromEntries(Object.keys(shared).map((key) => [key, undefined]))
  return { ...options, ...cleared, pod: name, hostname: undefined, userns: undefined, pid: undefined }
}

const replaceExisting = async (context: EngineContext, name: string | undefined): Promise<void> => {
  if (!name) throw new TspodError('usage', 'cannot replace container without --name being set')
  const { errors } = await removeContainers(context, [name], { force: true, ignore: true })
  if (errors[0]) throw errors[0]
}

/** Makes a container. Nothing of it is left where it fails. */
export const createContainer = async (
  context: EngineContext,
  given: ContainerCreateOptions,
  known: { id?: string } = {},
): Promise<CreatedContainer> => {
  const file = given.cidfile ? openIdFile(given.cidfile) : undefined
  try {
    if (given.replace) await replaceExisting(context, given.name)
    const options = await createNewPod(context, given)
    const pod = podOf(context, options)
    const request = { kind: 'container', name: options.name, sandbox: pod?.sandbox.id, id: known.id } as const
    const identity = await claimIdentity(context, request)
    try {
      const created = await createIn(context, options, pod?.sandbox.id, identity)
      identity.settle()
      file?.write(created.id)
      return created
    } catch (error) {
      await identity.release()
      throw error
    }
  } catch (error) {
    file?.discard()
    throw error
  }
}
