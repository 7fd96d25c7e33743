export { compileExec } from '../exec/plan'
export { pauseProgram } from '../program/pause'
export type { ExecInput, InitInput, Join, Rootfs } from './input'
export { compileInit } from './plan'
