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

/**
 * A list of system calls that becomes a program of its own. Node can't run code between clone and execve; this can:
 * it takes a few microseconds a step and has no memory, descriptor or thread of Node's.
 */
export class SyscallProgram {
  private readonly steps: Step[] = []
  private readonly notes: StepNote[] = []
  private readonly data: Buffer[] = []
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
    return { address: this.add(Buffer.alloc(8)) }
  }

  /** Puts bytes into the program's memory; their address. Pointers inside them are the caller's: see `addressOf`. */
  addressOf(bytes: Uint8Array): number {
    return this.add(Buffer.from(bytes))
  }

  /** Like `addressOf`, for bytes that hold pointers to themselves. */
  placeBytes(fill: (address: number) => Buffer): number {
    return this.add(fill(DATA_ADDRESS + this.size))
  }

  stringAddress(text: string): number {
    const known = this.strings.get(text)
    if (known !== undefined) return known
    const address = this.add(Buffer.from(`${text}\0`))
    this.strings.set(text, address)
    return address
  }

  /** A NULL-terminated array of C strings, as execve(2) takes. */
  stringArray(texts: readonly string[]): number {
    const array = Buffer.alloc((texts.length + 1) * 8)
    texts.forEach((text, index) => {
      array.writeBigUInt64LE(BigInt(this.stringAddress(text)), index * 8)
    })
    return this.add(array)
  }

  /** Address of the header, whose four words tell of a failure. */
  readonly header = DATA_ADDRESS

  compile(): CompiledProgram {
    const records = DATA_ADDRESS + this.size
    const header = Buffer.alloc(HEADER_BYTES)
    header.writeBigUInt64LE(
      BigInt(records + (this.failure?.target ?? 0) * RECORD_BYTES),
      Header.failureRecord * 8,
    )
    header.writeBigUInt64LE(BigInt(records), Header.firstRecord * 8)
    const encoded = this.steps.map((step, index) => this.record(step, index, records))
    return { elf: writeElf(this.arch, Buffer.concat([header, ...this.data, ...encoded])), notes: this.notes }
  }

  private add(bytes: Buffer): number {
    const address = DATA_ADDRESS + this.size
    const padded = Buffer.alloc((bytes.length + 7) & ~7)
    bytes.copy(padded)
    this.data.push(padded)
    this.size += padded.length
    return address
  }

  // Strings and bytes must have their place before the records' own place is known.
  private prepare(argument: StepArgument): void {
    if (typeof argument === 'string') this.stringAddress(argument)
    else if (argument instanceof Uint8Array && !this.placed.has(argument)) {
      this.placed.set(argument, this.addressOf(argument))
    }
  }

  private value(argument: StepArgument): bigint {
    if (argument === null) return 0n
    if (typeof argument === 'string') return BigInt(this.stringAddress(argument))
    if (argument instanceof Uint8Array) return BigInt(this.placed.get(argument) ?? 0)
    if (isCell(argument)) return BigInt(argument.address)
    return BigInt.asUintN(64, BigInt(argument))
  }

  private record(step: Step, index: number, records: number): Buffer {
    const bytes = Buffer.alloc(RECORD_BYTES)
    const word = (at: number, value: bigint | number) => bytes.writeBigUInt64LE(BigInt(value), at * 8)
    const place = (label: Label | undefined) => records + (label?.target ?? index + 1) * RECORD_BYTES
    word(Word.number, syscallNumber(step.name, this.arch))
    let cells = 0
    step.args.forEach((argument, position) => {
      word(Word.argument + position, this.value(argument))
      if (isCell(argument)) cells |= 1 << position
    })
    word(Word.cells, cells)
    word(Word.store, step.store?.address ?? 0)
    word(Word.onSuccess, place(step.next))
    word(Word.onPositive, step.onPositive ? place(step.onPositive) : 0)
    word(Word.onAllowed, place(step.otherwise))
    const allowed = step.allow === 'any' ? [0xffff] : (step.allow ?? [])
    allowed.forEach((errno, position) => {
      bytes.writeUInt16LE(errno, Word.allowed * 8 + position * 2)
    })
    return bytes
  }
}
