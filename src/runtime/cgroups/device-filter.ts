import { checked, cstring, type Kernel, syscallError } from '../../kernel'
import { AT, O } from '../../kernel/constants'
import type { OciDeviceRule } from '../../specgen/types'
import { deviceInstructions, encodeInstructions } from './device-program'

const BPF = { PROG_LOAD: 5, PROG_ATTACH: 8, PROG_DETACH: 9, PROG_GET_FD_BY_ID: 13, PROG_QUERY: 16 } as const
const PROG_TYPE_CGROUP_DEVICE = 15
const CGROUP_DEVICE = 6
const F_ALLOW_MULTI = 2

/** union bpf_attr, larger than any part of it that is used here; what follows is zero, as the kernel wants. */
const ATTR_BYTES = 128

const withPointer = (kernel: Kernel, attr: Buffer, at: number, target: Buffer): void => {
  attr.writeBigUInt64LE(kernel.raw.address(target), at)
}

const load = (kernel: Kernel, rules: readonly OciDeviceRule[], path: string): number => {
  const program = encodeInstructions(deviceInstructions(rules))
  const license = cstring('GPL')
  const attr = Buffer.alloc(ATTR_BYTES)
  attr.writeUInt32LE(PROG_TYPE_CGROUP_DEVICE, 0)
  attr.writeUInt32LE(program.length / 8, 4)
  withPointer(kernel, attr, 8, program)
  withPointer(kernel, attr, 16, license)
  return checked(
    kernel.raw.call('bpf', BPF.PROG_LOAD, attr, ATTR_BYTES),
    'bpf',
    path,
    'load the device filter',
  )
}

/** Programs that are attached already, from an earlier set of rules. */
const attached = (kernel: Kernel, cgroup: number): number[] => {
  const ids = Buffer.alloc(64 * 4)
  const attr = Buffer.alloc(ATTR_BYTES)
  attr.writeUInt32LE(cgroup, 0)
  attr.writeUInt32LE(CGROUP_DEVICE, 4)
  withPointer(kernel, attr, 16, ids)
  attr.writeUInt32LE(64, 24)
  if (kernel.raw.call('bpf', BPF.PROG_QUERY, attr, ATTR_BYTES) < 0) return []
  return Array.from({ length: attr.readUInt32LE(24) }, (_, index) => ids.readUInt32LE(index * 4))
}

const detach = (kernel: Kernel, cgroup: number, id: number): void => {
  const find = Buffer.alloc(ATTR_BYTES)
  find.writeUInt32LE(id, 0)
  const program = kernel.raw.call('bpf', BPF.PROG_GET_FD_BY_ID, find, ATTR_BYTES)
  if (program < 0) return
  const attr = Buffer.alloc(ATTR_BYTES)
  attr.writeUInt32LE(cgroup, 0)
  attr.writeUInt32LE(program, 4)
  attr.writeUInt32LE(CGROUP_DEVICE, 8)
  kernel.raw.call('bpf', BPF.PROG_DETACH, attr, ATTR_BYTES)
  kernel.close(program)
}

const attach = (kernel: Kernel, cgroup: number, program: number, path: string): void => {
  const attr = Buffer.alloc(ATTR_BYTES)
  attr.writeUInt32LE(cgroup, 0)
  attr.writeUInt32LE(program, 4)
  attr.writeUInt32LE(CGROUP_DEVICE, 8)
  attr.writeUInt32LE(F_ALLOW_MULTI, 12)
  const result = kernel.raw.call('bpf', BPF.PROG_ATTACH, attr, ATTR_BYTES)
  if (result < 0) throw syscallError('bpf', -result, path, `attach the device filter to ${path}`)
}

/** Lets the processes of a cgroup of v2 use the devices of the rules alone. Replaces an earlier set. */
export const filterDevices = (kernel: Kernel, path: string, rules: readonly OciDeviceRule[]): void => {
  const cgroup = kernel.openat(AT.FDCWD, path, O.RDONLY | O.DIRECTORY | O.CLOEXEC)
  if (cgroup < 0) throw syscallError('openat', -cgroup, path)
  try {
    const program = load(kernel, rules, path)
    try {
      const earlier = attached(kernel, cgroup)
      attach(kernel, cgroup, program, path)
      for (const id of earlier) detach(kernel, cgroup, id)
    } finally {
      kernel.close(program)
    }
  } finally {
    kernel.close(cgroup)
  }
}
