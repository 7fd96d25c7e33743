import { TspodError } from '../../errors'
import type { OciDeviceRule } from '../../specgen/types'
import { type CgroupFiles, cgroupError, readOptional } from './files'

/** v1's devices.allow and devices.deny, one rule a write. */
const deviceLines = (rules: readonly OciDeviceRule[]): [file: string, line: string][] =>
  rules.map(({ allow, type, major, minor, access }) => {
    const number = (value: number) => (value < 0 ? '*' : String(value))
    const all = type === 'a' ? 'a' : `${type} ${number(major)}:${number(minor)} ${access}`
    return [allow ? 'devices.allow' : 'devices.deny', all]
  })

export const writeDevices = (files: CgroupFiles, folder: string, rules: readonly OciDeviceRule[]): void => {
  for (const [file, line] of deviceLines(rules)) {
    try {
      files.write(`${folder}/${file}`, line)
    } catch (error) {
      throw cgroupError(`set device rule ${JSON.stringify(line)}`, `${folder}/${file}`, error)
    }
  }
}

/** A new cgroup of v1's cpuset has no processors and no memory, and takes no process: it gets its parent's. */
export const fillCpuset = (files: CgroupFiles, folder: string): void => {
  const parent = folder.slice(0, folder.lastIndexOf('/'))
  for (const name of ['cpuset.cpus', 'cpuset.mems']) {
    if (readOptional(files, `${folder}/${name}`)?.trim()) continue
    const inherited = readOptional(files, `${parent}/${name}`)?.trim()
    if (inherited) files.write(`${folder}/${name}`, inherited)
  }
}

/** Stops or continues all processes of a cgroup of v1. A process that starts meanwhile makes the kernel try again. */
export const setFrozenV1 = (files: CgroupFiles, folder: string, frozen: boolean): void => {
  const [doing, state] = frozen ? ['freeze', 'FROZEN'] : ['thaw', 'THAWED']
  for (let tries = 0; tries < 500; tries++) {
    try {
      files.write(`${folder}/freezer.state`, state)
    } catch (error) {
      throw cgroupError(doing, folder, error)
    }
    if (readOptional(files, `${folder}/freezer.state`)?.trim() === state) return
    files.sleep(tries < 10 ? 1 : 10)
  }
  if (frozen) files.write(`${folder}/freezer.state`, 'THAWED')
  throw new TspodError('system', `${doing} ${folder}: the processes did not follow in time`, {
    object: folder,
  })
}
