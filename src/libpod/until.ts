export { parseUntil } from '../state/until'
