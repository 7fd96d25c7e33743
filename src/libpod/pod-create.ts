import { TspodError } from '../errors'
import { type CreateContext, createInfraConfig, createPodRecord, needsInfra } from '../specgen'
import {
  type ContainerRecord,
  findContainer,
  nowRfc3339,
  type PodRecord,
  type Sandbox,
  shortId,
} from '../state'
import type { PodCreateOptions } from './api/pods'
import type { EngineContext } from './context'
import { claimIdentity, type Identity } from './identity'
import { readNetworkOptions } from './network-options'
import { removePods } from './pod-remove'
import { newContainerRecord, usedIdRanges } from './records'

interface Made {
  pod: Identity
  record: PodRecord
  warnings: string[]
}

// What the infra container's options may refer to; only `container:X` needs another container.
const lookup = (context: EngineContext): CreateContext['lookupContainer'] => {
  return (nameOrId) => {
    const { sandbox, container } = findContainer(context.state, nameOrId)
    const { id, name, config } = container
    return { id, name, pod: sandbox.pod && sandbox.id, config }
  }
}

const createInfra = async (
  context: EngineContext,
  options: PodCreateOptions,
  made: Made,
  identity: Identity,
): Promise<ContainerRecord> => {
  const network = readNetworkOptions(await context.network(), options, [])
  const config = createInfraConfig(options, {
    id: identity.id,
    name: identity.name,
    pod: { id: made.pod.id, record: made.record },
    host: await context.host(),
    networkMode: network.mode,
    network: network.config,
    lookupContainer: lookup(context),
    usedIds: () => usedIdRanges(context),
    warn: (message) => made.warnings.push(message),
  })
  return newContainerRecord({ id: identity.id, name: identity.name, infra: true, config })
}

const withInfra = async (context: EngineContext, options: PodCreateOptions, made: Made): Promise<Sandbox> => {
  const name = options.infraName ?? `${shortId(made.pod.id)}-infra`
  const identity = await claimIdentity(context, { kind: 'container', name, sandbox: made.pod.id })
  try {
    const infra = await createInfra(context, options, made, identity)
    const pod = { ...made.record, infraId: infra.id }
    const sandbox: Sandbox = { schema: 1, id: made.pod.id, pod, containers: [infra] }
    context.state.create(sandbox)
    identity.settle()
    return sandbox
  } catch (error) {
    await identity.release()
    throw error
  }
}

const withoutInfra = (context: EngineContext, made: Made): Sandbox => {
  const sandbox: Sandbox = { schema: 1, id: made.pod.id, pod: made.record, containers: [] }
  context.state.create(sandbox)
  return sandbox
}

const replaceExisting = async (context: EngineContext, name: string | undefined): Promise<void> => {
  if (!name) throw new TspodError('usage', 'cannot replace pod without being set')
  const { errors } = await removePods(context, [name], { force: true, ignore: true })
  if (errors[0]) throw errors[0]
}

/** Makes a pod, with an infra container where it shares namespaces or publishes ports. Nothing is started. */
export const createPod = async (
  context: EngineContext,
  options: PodCreateOptions,
): Promise<{ id: string; warnings: string[] }> => {
  const infra = needsInfra(options)
  if (options.replace) await replaceExisting(context, options.name)
  const pod = await claimIdentity(context, { kind: 'pod', name: options.name })
  try {
    const warnings: string[] = []
    const record = createPodRecord(options, {
      id: pod.id,
      name: pod.name,
      host: await context.host(),
      created: nowRfc3339(),
      warn: (message) => warnings.push(message),
    })
    const made = { pod, record, warnings }
    if (infra) await withInfra(context, options, made)
    else withoutInfra(context, made)
    pod.settle()
    return { id: pod.id, warnings }
  } catch (error) {
    await pod.release()
    throw error
  }
}
