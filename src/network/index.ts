export { findDefinition as findNetwork, listDefinitions as listNetworks } from './definitions'
export {
  addHostEntries,
  baseHostsPath,
  checkExtraHosts,
  type HostsRequest,
  hostAddress,
  hostsFile,
  ownHostEntries,
  removeHostEntries,
} from './hosts'
export { parseNetworkMode, withStaticAddresses } from './mode'
export { formatPorts, portMappingJson } from './port-mapping'
export { assignPorts, probePorts } from './probe'
export { parseExposed, parsePublish } from './publish'
export { checkDnsSearch, parseDnsServers, type ResolvConfRequest, resolvConf } from './resolv-conf'
export { setUp } from './set-up'
export { reclaim, tearDown } from './tear-down'
export type * from './types'
