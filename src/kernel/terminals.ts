import { TTY } from './constants'
import { Errno } from './errno'
import { checked, type RawKernel } from './raw'

/** Size of a terminal in characters. */
export interface WindowSize {
  rows: number
  columns: number
}

export interface TerminalCalls {
  isTerminal(fd: number): boolean
  /** ioctl TIOCGWINSZ; undefined where `fd` is no terminal. */
  windowSize(fd: number): WindowSize | undefined
  /** ioctl TIOCSWINSZ; the foreground process group gets SIGWINCH where the size changed. False where it is no terminal. */
  setWindowSize(fd: number, size: WindowSize): boolean
  /**
   * Puts the terminal into raw mode as cfmakeraw(3) does, output processing included, once its output is written.
   * Returns the mode it was in, for `setTerminalMode`; undefined where `fd` is no terminal.
   */
  makeRaw(fd: number): Uint8Array | undefined
  setTerminalMode(fd: number, mode: Uint8Array): void
  /** The other side of the pseudo-terminal whose master is `fd` (TIOCGPTPEER): a new descriptor. */
  openTerminalPeer(fd: number): number
  /** Bytes that wait in a pipe or terminal (FIONREAD). */
  bytesWaiting(fd: number): number
}

const TCGETS = 0x5401
const TCSETSW = 0x5403
const FIONREAD = 0x541b

// struct termios of the kernel: four u32 of flags, c_line, 19 control characters.
const TERMIOS_BYTES = 36
const FIELD = { iflag: 0, oflag: 4, cflag: 8, lflag: 12, control: 17 } as const
const CONTROL = { VTIME: 5, VMIN: 6 } as const

const IGNBRK = 0o1
const BRKINT = 0o2
const PARMRK = 0o10
const ISTRIP = 0o40
const INLCR = 0o100
const IGNCR = 0o200
const ICRNL = 0o400
const IXON = 0o2000
const OPOST = 0o1
const CSIZE = 0o60
const CS8 = 0o60
const PARENB = 0o400
const ISIG = 0o1
const ICANON = 0o2
const ECHO = 0o10
const ECHONL = 0o100
const IEXTEN = 0o100000

const without = (mode: Buffer, field: number, flags: number) => {
  mode.writeUInt32LE((mode.readUInt32LE(field) & ~flags) >>> 0, field)
}

/** The raw variant of a terminal mode, as cfmakeraw(3) makes it. */
const rawMode = (mode: Uint8Array): Buffer => {
  const raw = Buffer.from(mode)
  without(raw, FIELD.iflag, IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON)
  without(raw, FIELD.oflag, OPOST)
  without(raw, FIELD.lflag, ECHO | ECHONL | ICANON | ISIG | IEXTEN)
  without(raw, FIELD.cflag, CSIZE | PARENB)
  raw.writeUInt32LE((raw.readUInt32LE(FIELD.cflag) | CS8) >>> 0, FIELD.cflag)
  raw[FIELD.control + CONTROL.VMIN] = 1
  raw[FIELD.control + CONTROL.VTIME] = 0
  return raw
}

const readMode = (raw: RawKernel, fd: number): Buffer | undefined => {
  const mode = Buffer.alloc(TERMIOS_BYTES)
  return raw.call('ioctl', fd, TCGETS, mode) < 0 ? undefined : mode
}

// A process in the background is stopped (SIGTTOU) or, with the signal ignored, told EIO; EINTR only says try again.
const writeMode = (raw: RawKernel, fd: number, mode: Uint8Array): void => {
  let result = raw.call('ioctl', fd, TCSETSW, mode)
  while (result === -Errno.EINTR) result = raw.call('ioctl', fd, TCSETSW, mode)
  checked(result, 'ioctl', `descriptor ${fd}`, 'set the mode of the terminal')
}

const windowSize = (raw: RawKernel, fd: number): WindowSize | undefined => {
  const size = Buffer.alloc(8)
  if (raw.call('ioctl', fd, TTY.TIOCGWINSZ, size) < 0) return undefined
  return { rows: size.readUInt16LE(0), columns: size.readUInt16LE(2) }
}

const setWindowSize = (raw: RawKernel, fd: number, { rows, columns }: WindowSize): boolean => {
  const size = Buffer.alloc(8)
  size.writeUInt16LE(rows & 0xffff, 0)
  size.writeUInt16LE(columns & 0xffff, 2)
  return raw.call('ioctl', fd, TTY.TIOCSWINSZ, size) === 0
}

const O_RDWR_NOCTTY_CLOEXEC = 0o2 | 0o400 | 0o2000000

export const terminalCalls = (raw: RawKernel): TerminalCalls => ({
  isTerminal: (fd) => readMode(raw, fd) !== undefined,
  windowSize: (fd) => windowSize(raw, fd),
  setWindowSize: (fd, size) => setWindowSize(raw, fd, size),
  makeRaw: (fd) => {
    const mode = readMode(raw, fd)
    if (mode) writeMode(raw, fd, rawMode(mode))
    return mode
  },
  setTerminalMode: (fd, mode) => writeMode(raw, fd, mode),
  openTerminalPeer: (fd) =>
    checked(
      raw.call('ioctl', fd, TTY.TIOCGPTPEER, O_RDWR_NOCTTY_CLOEXEC),
      'ioctl',
      `descriptor ${fd}`,
      'open the other side of a terminal',
    ),
  bytesWaiting: (fd) => {
    const count = Buffer.alloc(4)
    return raw.call('ioctl', fd, FIONREAD, count) < 0 ? 0 : count.readInt32LE(0)
  },
})
