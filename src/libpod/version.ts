import { version } from '../../package.json'

/** tspod's own version. */
export const engineVersion = (): string => version
