export { findDefinition as findNetwork } from './definitions'
export {
  addHostEntries,
  checkExtraHosts,
  hostAddress,
  hostsFile,
  ownHostEntries,
  removeHostEntries,
} from './hosts'
export { parseNetworkMode, withStaticAddresses } from './mode'
export { assignPorts, probePorts } from './probe'
export { parseExposed, parsePublish } from './publish'
export { checkDnsSearch, parseDnsServers, resolvConf } from './resolv-conf'
export { setUp } from './set-up'
export { reclaim, tearDown } from './tear-down'
export type * from './types'
