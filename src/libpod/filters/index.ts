export { containerFilter, networkNames, pruneFilter } from './containers'
export { podFilter, statusOfPod } from './pods'
