import { isatty } from 'node:tty'
import { writeOut } from './output'

const STDOUT = 1

/** Empties the terminal and goes to its first line; nothing where stdout is none. */
export function clearScreen(): void {
  if (isatty(STDOUT)) writeOut('\x1b[2J\x1b[1;1H')
}
