import { type IPty, spawn } from '@lydell/node-pty'
import { BINARY } from './command'
import type { Store } from './store'
import { eventually, sleep } from './wait'

/** A command of the program under test on a terminal, as a person has it. */
export class Terminal {
  private readonly pty: IPty
  private text = ''
  private code: number | undefined

  constructor(store: Store, args: string[], size = { columns: 80, rows: 24 }) {
    this.pty = spawn(BINARY, [...store.options, ...args], {
      cols: size.columns,
      rows: size.rows,
      env: { ...process.env, TERM: 'xterm' },
    })
    this.pty.onData((data) => {
      this.text += data
    })
    this.pty.onExit(({ exitCode }) => {
      this.code = exitCode
    })
  }

  /** All that was printed so far. */
  get screen(): string {
    return this.text
  }

  type(keys: string) {
    this.pty.write(keys)
  }

  /** Presses keys one after the other, as fingers do: each comes by itself. */
  async press(...keys: string[]) {
    for (const key of keys) {
      this.pty.write(key)
      await sleep(50)
    }
  }

  resize(columns: number, rows: number) {
    this.pty.resize(columns, rows)
  }

  kill(signal: string) {
    this.pty.kill(signal)
  }

  /** Waits until the output matches. */
  async shows(pattern: RegExp, seconds = 10): Promise<RegExpExecArray> {
    return eventually(() => {
      const match = pattern.exec(this.text)
      if (match === null) throw new Error(`${pattern} is not on the screen:\n${this.text}`)
      return match
    }, seconds)
  }

  /** Waits for the command's end and gives its exit code. */
  async ends(seconds = 10): Promise<number> {
    const { code } = await eventually(() => {
      if (this.code === undefined) throw new Error(`still running:\n${this.text}`)
      return { code: this.code }
    }, seconds)
    return code
  }
}
