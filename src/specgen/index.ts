export { capabilitiesOf } from './capabilities'
export { createContainerConfig, emptyNetwork } from './container'
export type {
  CgroupFacts,
  CreateContext,
  HostFacts,
  OtherContainer,
  PodOptions,
  ResolvedUser,
  SpecFacts,
} from './context-types'
export { hostId } from './id-ranges'
export { createInfraConfig, createPodRecord, needsInfra, parseShare, pausePath } from './pod'
export { ociResources } from './resources'
export { parseSignal, signalName } from './signals'
export { defaultDeviceLinks, generateSpec, specAnnotations, wantsSeccomp } from './spec'
export { type ExecRequest, generateExecProcess } from './spec-exec'
export { groupLine, highestId, passwdLine, resolveUser } from './user'
