import type { OciDeviceRule } from '../../specgen/types'

/*
 * v2 has no file for devices: a BPF program decides. It gets struct bpf_cgroup_dev_ctx (linux/bpf.h): the access and
 * the type in one word, the major and the minor number, and returns 1 to allow.
 */

const CLASS = { LDX: 0x61, ALU: 0x04, ALU64: 0x07, JMP: 0x05 } as const
const OP = { AND: 0x50, RSH: 0x70, MOV: 0xb0, EXIT: 0x90, JNE: 0x50 } as const
/** The second operand is a register, not a number. */
const X = 0x08

const TYPE: Record<'b' | 'c', number> = { b: 1, c: 2 }
const ACCESS: Record<string, number> = { m: 1, r: 2, w: 4 }
const ALL_ACCESS = 7

/** One struct bpf_insn. */
export interface Instruction {
  code: number
  to: number
  from: number
  offset: number
  value: number
}

const instruction = (code: number, to = 0, from = 0, offset = 0, value = 0): Instruction => ({
  code,
  to,
  from,
  offset,
  value,
})

const load = (to: number, offset: number) => instruction(CLASS.LDX, to, 1, offset)
const unless = (register: number, value: number, skip: number) =>
  instruction(CLASS.JMP | OP.JNE, register, 0, skip, value)
const answer = (allow: boolean) => [
  instruction(CLASS.ALU64 | OP.MOV, 0, 0, 0, allow ? 1 : 0),
  instruction(CLASS.JMP | OP.EXIT),
]

// r2 type, r3 access, r4 major, r5 minor; r1 is free afterwards.
const prologue: readonly Instruction[] = [
  load(2, 0),
  instruction(CLASS.ALU | OP.AND, 2, 0, 0, 0xffff),
  load(3, 0),
  instruction(CLASS.ALU | OP.RSH, 3, 0, 0, 16),
  load(4, 4),
  load(5, 8),
]

const accessBits = (access: string): number =>
  [...access].reduce((bits, letter) => bits | (ACCESS[letter] ?? 0), 0)

/** Checks of a rule, each followed by how many instructions of the rule are left after it. */
const checks = (rule: OciDeviceRule): ((left: number) => Instruction)[] => {
  const bits = accessBits(rule.access)
  const list: ((left: number) => Instruction)[] = []
  if (rule.type !== 'a') list.push((left) => unless(2, TYPE[rule.type === 'b' ? 'b' : 'c'], left))
  if (bits !== ALL_ACCESS) {
    list.push(() => instruction(CLASS.ALU | OP.MOV | X, 1, 3))
    list.push(() => instruction(CLASS.ALU | OP.AND, 1, 0, 0, bits))
    // Every kind of access that is asked for must be among the rule's; for a refusal one is enough, see below.
    list.push((left) =>
      rule.allow ? instruction(CLASS.JMP | OP.JNE | X, 1, 3, left) : instruction(0x15, 1, 0, left, 0),
    )
  }
  if (rule.major >= 0) list.push((left) => unless(4, rule.major, left))
  if (rule.minor >= 0) list.push((left) => unless(5, rule.minor, left))
  return list
}

const isForAll = (rule: OciDeviceRule) =>
  rule.type === 'a' && rule.major < 0 && rule.minor < 0 && accessBits(rule.access) === ALL_ACCESS

const block = (rule: OciDeviceRule): Instruction[] => {
  const list = checks(rule)
  const end = answer(rule.allow)
  const size = list.length + end.length
  return [...list.map((check, index) => check(size - index - 1)), ...end]
}

/** The instructions that carry out the rules. Of several that fit the last one counts, so the last one is asked first. */
export const deviceInstructions = (rules: readonly OciDeviceRule[]): Instruction[] => {
  const program = [...prologue]
  for (const rule of [...rules].reverse()) {
    program.push(...block(rule))
    if (isForAll(rule)) return program
  }
  return [...program, ...answer(false)]
}

/** As the kernel takes them, 8 bytes each. */
export const encodeInstructions = (instructions: readonly Instruction[]): Buffer => {
  const bytes = Buffer.alloc(instructions.length * 8)
  instructions.forEach(({ code, to, from, offset, value }, index) => {
    bytes.writeUInt8(code, index * 8)
    bytes.writeUInt8(to | (from << 4), index * 8 + 1)
    bytes.writeInt16LE(offset, index * 8 + 2)
    bytes.writeInt32LE(value, index * 8 + 4)
  })
  return bytes
}
