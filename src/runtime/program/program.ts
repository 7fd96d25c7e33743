import { CLONE } from '../../kernel/constants'
import { type Arch, type SyscallName, syscallNumber } from '../../kernel/numbers'
import { writeElf } from './elf'
import { DATA_ADDRESS, HEADER_BYTES, Header, RECORD_BYTES, Word } from './interpreter'

/** A word of the program's memory that a step fills with its result and later steps use. */
export interface Cell {
  readonly address: number
}

/** A place in the chain of steps that others can go on at. */
export interface Label {
  target?: number
}

/** A value, text (passed as a pointer to a C string), bytes (a pointer to them), or the content of a cell. */
export type StepArgument = number | bigint | string | Uint8Array | Cell | null

export interface StepOptions {
  /** Where the result goes. */
  store?: Cell
  /** Errno values that do not fail the program; `'any'` for all. At most four. */
  allow?: readonly number[] | 'any'
  /** Where to go on after an allowed error; the next step if missing. */
  otherwise?: Label
  /** Where to go on after a success; the next step if missing. */
  next?: Label
  /** Where to go on when the result is above 0. */
  onPositive?: Label
}

/** What a step does, for the one line that is printed when it fails. */
export interface StepNote {
  call: SyscallName
  /** `mount proc on /proc` */
  doing: string
}

const THREAD = CLONE.VM | CLONE.FS | CLONE.FILES | CLONE.SIGHAND | CLONE.THREAD | CLONE.SYSVSEM
const STACK_BYTES = 1024

interface Step extends StepOptions {
  name: SyscallName
  args: readonly StepArgument[]
}

export interface CompiledProgram {
  /** A static executable for the machine's architecture. */
  elf: Buffer
  /** One note per step, in the order that failures are reported by. */
  notes: StepNote[]
}

const isCell = (argument: StepArgument): argument is Cell =>
  typeof argument === 'object' && argument !== null && 'address' in argument

// As halves, not as BigInt: there are thousands of words, and this code runs cold. Zero is what memory holds already.
const writeWord = (target: Uint32Array, index: number, value: number | bigint): void => {
  if (value === 0) return
  const whole = typeof value === 'bigint' ? value : undefined
  if (whole !== undefined || (value as number) < 0 || (value as number) > 0xffffffff) {
    const wide = BigInt.asUintN(64, BigInt(value))
    target[index * 2] = Number(wide & 0xffffffffn)
    target[index * 2 + 1] = Number(wide >> 32n)
    return
  }
  target[index * 2] = value as number
}

/**
 * A list of system calls that becomes a program of its own. Node can't run code between clone and execve; this can:
 * it takes a few microseconds a step and has no memory, descriptor or thread of Node's.
 */
export class SyscallProgram {
  private readonly steps: Step[] = []
  private readonly notes: StepNote[] = []
  private data = Buffer.alloc(32 * 1024)
  private readonly strings = new Map<string, number>()
  private size = HEADER_BYTES
  private failure: Label | undefined
  private readonly placed = new Map<Uint8Array, number>()

  constructor(private readonly arch: Arch) {}

  /** Adds a step; `doing` is what an error message says about it. */
  step(name: SyscallName, args: readonly StepArgument[], doing: string, options: StepOptions = {}): void {
    for (const argument of args) this.prepare(argument)
    this.steps.push({ name, args, ...options })
    this.notes.push({ call: name, doing })
  }

  /** Starts a thread, with a stack that is as small as the interpreter needs; it goes on at the next step. */
  thread(doing: string, options: StepOptions): void {
    const stack = this.addressOf(Buffer.alloc(STACK_BYTES)) + STACK_BYTES
    this.step('clone', [THREAD, stack, null, null, null], doing, options)
  }

  label(): Label {
    return {}
  }

  /** Goes on at the label, by way of a call that can't fail. */
  jump(label: Label): void {
    this.step('getpid', [], 'go on', { next: label })
  }

  /** Puts the label before the next step. */
  place(label: Label): void {
    label.target = this.steps.length
  }

  /** Where the program goes on when a step fails; the header's first two words then tell errno and step. */
  onFailure(label: Label): void {
    this.failure = label
  }

  cell(): Cell {
    return { address: DATA_ADDRESS + this.reserve(8) }
  }

  /** Puts bytes into the program's memory; their address. Pointers inside them are the caller's: see `addressOf`. */
  addressOf(bytes: Uint8Array): number {
    return this.add(bytes)
  }

  /** Like `addressOf`, for bytes that hold pointers to themselves. */
  placeBytes(fill: (address: number) => Buffer): number {
    return this.add(fill(DATA_ADDRESS + this.size))
  }

  stringAddress(text: string): number {
    const known = this.strings.get(text)
    if (known !== undefined) return known
    const offset = this.reserve(Buffer.byteLength(text) + 1)
    this.data.write(text, offset)
    this.strings.set(text, DATA_ADDRESS + offset)
    return DATA_ADDRESS + offset
  }

  /** A NULL-terminated array of C strings, as execve(2) takes. */
  stringArray(texts: readonly string[]): number {
    const array = new Uint32Array((texts.length + 1) * 2)
    texts.forEach((text, index) => {
      writeWord(array, index, this.stringAddress(text))
    })
    return this.add(new Uint8Array(array.buffer))
  }

  /** Address of the header, whose first two words tell of a failure. */
  readonly header = DATA_ADDRESS

  /** The program's own arguments and environment, as execve(2) takes them. */
  readonly argv: Cell = { address: DATA_ADDRESS + Header.argv * 8 }
  readonly envp: Cell = { address: DATA_ADDRESS + Header.envp * 8 }

  compile(): CompiledProgram {
    const records = DATA_ADDRESS + this.size
    const header = new Uint32Array(HEADER_BYTES / 4)
    writeWord(header, Header.failureRecord, records + (this.failure?.target ?? 0) * RECORD_BYTES)
    writeWord(header, Header.firstRecord, records)
    this.data.set(new Uint8Array(header.buffer))
    const encoded = new Uint32Array((this.steps.length * RECORD_BYTES) / 4)
    this.steps.forEach((step, index) => {
      this.writeRecord(encoded, step, index, records)
    })
    const data = Buffer.concat([this.data.subarray(0, this.size), new Uint8Array(encoded.buffer)])
    return { elf: writeElf(this.arch, data), notes: this.notes }
  }

  /** Room for so many bytes, at a multiple of 8; their offset. */
  private reserve(length: number): number {
    const offset = this.size
    this.size += (length + 7) & ~7
    if (this.size > this.data.length) {
      this.data = Buffer.concat([this.data, Buffer.alloc(this.size + this.data.length)])
    }
    return offset
  }

  private add(bytes: Uint8Array): number {
    const offset = this.reserve(bytes.length)
    this.data.set(bytes, offset)
    return DATA_ADDRESS + offset
  }

  // Strings and bytes must have their place before the records' own place is known.
  private prepare(argument: StepArgument): void {
    if (typeof argument === 'string') this.stringAddress(argument)
    else if (argument instanceof Uint8Array && !this.placed.has(argument)) {
      this.placed.set(argument, this.addressOf(argument))
    }
  }

  private value(argument: StepArgument): number | bigint {
    if (typeof argument === 'number') return argument
    if (argument === null) return 0
    if (typeof argument === 'string') return this.stringAddress(argument)
    if (argument instanceof Uint8Array) return this.placed.get(argument) ?? 0
    return isCell(argument) ? argument.address : argument
  }

  private writeRecord(target: Uint32Array, step: Step, index: number, records: number): void {
    const base = (index * RECORD_BYTES) / 8
    const place = (label: Label | undefined) => records + (label?.target ?? index + 1) * RECORD_BYTES
    writeWord(target, base + Word.number, syscallNumber(step.name, this.arch))
    let cells = 0
    step.args.forEach((argument, position) => {
      writeWord(target, base + Word.argument + position, this.value(argument))
      if (isCell(argument)) cells |= 1 << position
    })
    writeWord(target, base + Word.cells, cells)
    writeWord(target, base + Word.store, step.store?.address ?? 0)
    writeWord(target, base + Word.onSuccess, place(step.next))
    writeWord(target, base + Word.onPositive, step.onPositive ? place(step.onPositive) : 0)
    writeWord(target, base + Word.onAllowed, place(step.otherwise))
    const [a = 0, b = 0, c = 0, d = 0] = step.allow === 'any' ? [0xffff] : (step.allow ?? [])
    target[(base + Word.allowed) * 2] = a | (b << 16)
    target[(base + Word.allowed) * 2 + 1] = c | (d << 16)
  }
}
