import type { Info } from '../api/system'
import type { EngineContext } from '../context'
import { versionData } from '../version'
import { hostSection } from './host'
import { hostParts } from './parts'
import { storeSection } from './store'

/** Facts about the host and the store. */
export const engineInfo = async (context: EngineContext): Promise<Info> => ({
  host: await hostSection(context),
  plugins: { authorization: null, log: ['k8s-file', 'none'], network: ['bridge'], volume: [] },
  registries: {},
  store: await storeSection(context),
  version: versionData(),
  parts: await hostParts(context),
})
