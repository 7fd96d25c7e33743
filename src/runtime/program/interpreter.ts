import type { Arch } from '../../kernel/numbers'

/**
 * The machine code of a program: it walks a chain of records and carries out the system call of each. Position and
 * size are fixed, so every address in a program is known when it is written.
 *
 * A record is 14 words of 8 bytes (`Word` names them). Its arguments are values, or, where their bit in `cells` is
 * set, addresses of values. A result of -4095..-1 is an error: where one of the four 16-bit numbers in `allowed` is
 * it (0xffff: any), the walk goes on at `onAllowed`, else the errno and the record's address are stored in the header
 * and the walk goes on at the header's failure record. Otherwise the result is stored at `store`, and the walk goes on
 * at `onPositive` (where given, and the result is not 0) or at `onSuccess`.
 */
export const Word = {
  number: 0,
  argument: 1,
  store: 7,
  onSuccess: 8,
  onPositive: 9,
  onAllowed: 10,
  allowed: 11,
  cells: 13,
} as const

export const RECORD_BYTES = 14 * 8

/**
 * Words of the header at the start of the data: the two that a failure leaves, where the walk goes, and where the
 * program's own arguments and environment are, which the kernel puts on its stack.
 */
export const Header = {
  errno: 0,
  failedRecord: 1,
  failureRecord: 2,
  firstRecord: 3,
  argv: 4,
  envp: 5,
} as const

export const HEADER_BYTES = 6 * 8

/** Where the data is in the file, and how far behind its segment's base in memory. */
export const DATA_OFFSET = 0x400
export const DATA_ADDRESS = 0x10000000 + DATA_OFFSET

/** Bytes in hexadecimal, and what they say. */
type Instruction = readonly [bytes: string, assembly: string]

const x64: readonly Instruction[] = [
  ['41bc00040010', 'mov r12d,0x10000400'],
  ['488d442408', 'lea rax,[rsp+0x8]'],
  ['4989442420', 'mov [r12+0x20],rax'],
  ['488b0c24', 'mov rcx,[rsp]'],
  ['488d44cc10', 'lea rax,[rsp+rcx*8+0x10]'],
  ['4989442428', 'mov [r12+0x28],rax'],
  ['498b5c2418', 'mov rbx,[r12+0x18]'],
  // loop:
  ['488b5368', 'mov rdx,[rbx+0x68]'],
  ['b905000000', 'mov ecx,0x5'],
  // arg:
  ['488b44cb08', 'mov rax,[rbx+rcx*8+0x8]'],
  ['480fa3ca', 'bt rdx,rcx'],
  ['7303', 'jae plain'],
  ['488b00', 'mov rax,[rax]'],
  // plain:
  ['50', 'push rax'],
  ['ffc9', 'dec ecx'],
  ['79ed', 'jns arg'],
  ['5f', 'pop rdi'],
  ['5e', 'pop rsi'],
  ['5a', 'pop rdx'],
  ['415a', 'pop r10'],
  ['4158', 'pop r8'],
  ['4159', 'pop r9'],
  ['488b03', 'mov rax,[rbx]'],
  ['0f05', 'syscall'],
  ['483d00f0ffff', 'cmp rax,0xfffffffffffff000'],
  ['7725', 'ja error'],
  ['488b4b38', 'mov rcx,[rbx+0x38]'],
  ['4885c9', 'test rcx,rcx'],
  ['7403', 'je stored'],
  ['488901', 'mov [rcx],rax'],
  // stored:
  ['488b4b48', 'mov rcx,[rbx+0x48]'],
  ['4885c9', 'test rcx,rcx'],
  ['740a', 'je next'],
  ['4885c0', 'test rax,rax'],
  ['7405', 'je next'],
  ['4889cb', 'mov rbx,rcx'],
  ['ebaf', 'jmp loop'],
  // next:
  ['488b5b40', 'mov rbx,[rbx+0x40]'],
  ['eba9', 'jmp loop'],
  // error:
  ['48f7d8', 'neg rax'],
  ['488b4b58', 'mov rcx,[rbx+0x58]'],
  ['6683f9ff', 'cmp cx,0xffff'],
  ['7425', 'je allowed'],
  ['ba04000000', 'mov edx,0x4'],
  // scan:
  ['6639c1', 'cmp cx,ax'],
  ['741b', 'je allowed'],
  ['48c1e910', 'shr rcx,0x10'],
  ['ffca', 'dec edx'],
  ['75f3', 'jne scan'],
  ['49890424', 'mov [r12],rax'],
  ['49895c2408', 'mov [r12+0x8],rbx'],
  ['498b5c2410', 'mov rbx,[r12+0x10]'],
  ['e977ffffff', 'jmp loop'],
  // allowed:
  ['488b5b50', 'mov rbx,[rbx+0x50]'],
  ['e96effffff', 'jmp loop'],
]

const arm64: readonly Instruction[] = [
  ['148080d2', 'mov x20, #0x400'],
  ['1400a2f2', 'movk x20, #0x1000, lsl #16'],
  ['e9030091', 'mov x9, sp'],
  ['2a8540f8', 'ldr x10, [x9], #8'],
  ['2a0d0a8b', 'add x10, x9, x10, lsl #3'],
  ['4a210091', 'add x10, x10, #0x8'],
  ['892a02a9', 'stp x9, x10, [x20, #32]'],
  ['930e40f9', 'ldr x19, [x20, #24]'],
  // loop:
  ['693640f9', 'ldr x9, [x19, #104]'],
  ['680240a9', 'ldp x8, x0, [x19]'],
  ['610a41a9', 'ldp x1, x2, [x19, #16]'],
  ['631242a9', 'ldp x3, x4, [x19, #32]'],
  ['651a40f9', 'ldr x5, [x19, #48]'],
  ['49000036', 'tbz w9, #0, a1'],
  ['000040f9', 'ldr x0, [x0]'],
  // a1:
  ['49000836', 'tbz w9, #1, a2'],
  ['210040f9', 'ldr x1, [x1]'],
  // a2:
  ['49001036', 'tbz w9, #2, a3'],
  ['420040f9', 'ldr x2, [x2]'],
  // a3:
  ['49001836', 'tbz w9, #3, a4'],
  ['630040f9', 'ldr x3, [x3]'],
  // a4:
  ['49002036', 'tbz w9, #4, a5'],
  ['840040f9', 'ldr x4, [x4]'],
  // a5:
  ['49002836', 'tbz w9, #5, go'],
  ['a50040f9', 'ldr x5, [x5]'],
  // go:
  ['010000d4', 'svc #0x0'],
  ['1ffc3fb1', 'cmn x0, #0xfff'],
  ['62010054', 'b.cs error'],
  ['691e40f9', 'ldr x9, [x19, #56]'],
  ['490000b4', 'cbz x9, stored'],
  ['200100f9', 'str x0, [x9]'],
  // stored:
  ['692640f9', 'ldr x9, [x19, #72]'],
  ['890000b4', 'cbz x9, next'],
  ['600000b4', 'cbz x0, next'],
  ['f30309aa', 'mov x19, x9'],
  ['e5ffff17', 'b loop'],
  // next:
  ['732240f9', 'ldr x19, [x19, #64]'],
  ['e3ffff17', 'b loop'],
  // error:
  ['e00300cb', 'neg x0, x0'],
  ['692e40f9', 'ldr x9, [x19, #88]'],
  ['ecff9fd2', 'mov x12, #0xffff'],
  ['2b3d4092', 'and x11, x9, #0xffff'],
  ['7f010ceb', 'cmp x11, x12'],
  ['80010054', 'b.eq allowed'],
  ['8a0080d2', 'mov x10, #0x4'],
  // scan:
  ['2b3d4092', 'and x11, x9, #0xffff'],
  ['7f0100eb', 'cmp x11, x0'],
  ['00010054', 'b.eq allowed'],
  ['29fd50d3', 'lsr x9, x9, #16'],
  ['4a0500f1', 'subs x10, x10, #0x1'],
  ['61ffff54', 'b.ne scan'],
  ['800200f9', 'str x0, [x20]'],
  ['930600f9', 'str x19, [x20, #8]'],
  ['930a40f9', 'ldr x19, [x20, #16]'],
  ['d2ffff17', 'b loop'],
  // allowed:
  ['732a40f9', 'ldr x19, [x19, #80]'],
  ['d0ffff17', 'b loop'],
]

export const interpreterCode = (arch: Arch): Buffer =>
  Buffer.concat((arch === 'x64' ? x64 : arm64).map(([bytes]) => Buffer.from(bytes, 'hex')))
