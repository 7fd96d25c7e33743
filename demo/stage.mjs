import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pc } from './colors.mjs'

const TSPOD = fileURLToPath(new URL('../bin/tspod', import.meta.url))

/** Where the demo runs commands and shows them with what they print. Its store is a folder of its own. */
export class Stage {
  #folder
  #current
  #closing = false

  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => this.#interrupt(signal))
    this.#folder = mkdtempSync(join(tmpdir(), 'tspod-demo-'))
  }

  get folder() {
    return this.#folder
  }

  say(text) {
    console.log(`\n${pc.bold(text)}`)
  }

  /** Shows a line as if it had been typed, with what it prints. */
  show(line, output) {
    console.log(`${pc.dim('$')} ${pc.cyan(line)}`)
    if (output) console.log(output.trimEnd().replaceAll(/^/gm, '  '))
  }

  /** Runs tspod, shows the command and its output, and gives the output. Ends the demo if it fails. */
  async tspod(...args) {
    const { code, output } = await this.#run(args)
    this.show(['tspod', ...args.map(quoted)].join(' '), output)
    if (code !== 0) throw new Error(`tspod ${args[0]} ended with ${code}`)
    return output.trim()
  }

  /** Runs tspod without showing it. */
  async ask(...args) {
    return (await this.#run(args)).output.trim()
  }

  /** Removes everything that the demo made. */
  async close() {
    if (this.#closing) return
    this.#closing = true
    await this.#run(['pod', 'rm', '--force', '--all', '--time', '0'])
    await this.#run(['rm', '--force', '--all', '--time', '0'])
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #run(args) {
    const child = spawn(TSPOD, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      // a process group of its own: ctrl-C is for the demo, which then cleans up
      detached: true,
      env: {
        ...process.env,
        TSPOD_ROOT: join(this.#folder, 'root'),
        TSPOD_RUNROOT: join(this.#folder, 'run'),
      },
    })
    this.#current = child
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8')
      stream.on('data', (text) => {
        output += text
      })
    }
    return new Promise((resolve, reject) => {
      child.on('error', reject)
      child.on('close', (code) => resolve({ code, output }))
    })
  }

  async #interrupt(signal) {
    if (this.#closing) return
    console.log(`\n${signal}: cleaning up`)
    this.#current?.kill('SIGTERM')
    await new Promise((resolve) => {
      if (!this.#current || this.#current.exitCode !== null || this.#current.signalCode) return resolve()
      this.#current.once('close', resolve)
    })
    await this.close()
    process.exit(signal === 'SIGINT' ? 130 : 143)
  }
}

const quoted = (word) => (/^[\w./:=,@+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)
