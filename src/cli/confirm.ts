import { readSync } from 'node:fs'
import { TspodError } from '../errors'

const STDIN = 0

const noAnswer = (cause?: unknown): TspodError =>
  new TspodError('usage', 'EOF', { call: 'read', hint: 'give --force to go on without being asked' }, cause)

/** One line of stdin, byte by byte: what comes after it belongs to whoever reads next. */
function readLine(): string {
  const bytes: number[] = []
  const one = Buffer.alloc(1)
  while (one[0] !== 0x0a) {
    if (readSync(STDIN, one, 0, 1, null) === 0) throw noAnswer()
    bytes.push(one[0] ?? 0)
  }
  return Buffer.from(bytes).toString()
}

/** Asks before something is lost. Anything but a word with `y` is a no. */
export function confirm(command: { write(text: string): void }, warning: string): boolean {
  command.write(`${warning}\nAre you sure you want to continue? [y/N] `)
  try {
    return readLine().toLowerCase().startsWith('y')
  } catch (error) {
    throw error instanceof TspodError ? error : noAnswer(error)
  }
}
