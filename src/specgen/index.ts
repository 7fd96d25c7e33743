export { createContainerConfig } from './container'
export type {
  CreateContext,
  HostFacts,
  OtherContainer,
  PodOptions,
  ResolvedUser,
  SpecFacts,
} from './context-types'
export { createInfraConfig, createPodRecord, needsInfra, parseShare } from './pod'
export { defaultDeviceLinks, generateSpec } from './spec'
export { resolveUser } from './user'
