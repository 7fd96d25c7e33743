import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Kernel, openKernel } from '../../src/kernel'
import { type Arch, hostArch } from '../../src/kernel/numbers'
import { reportFailures } from '../../src/runtime/init/namespaces'
import { launch } from '../../src/runtime/launch'
import { handOverProgram } from '../../src/runtime/program/hand-over'
import { pauseProgram } from '../../src/runtime/program/pause'
import { SyscallProgram } from '../../src/runtime/program/program'
import { ONE, OTHER, spliceProgram } from '../../src/runtime/program/splice'
import { needPrograms } from './harness/need'
import { findProgram } from './harness/rootfs'

let folder: string
let kernel: Kernel

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-program-'))
  kernel = openKernel()
})
afterAll(() => rmSync(folder, { recursive: true }))

const emulator: Record<Arch, string> = { x64: 'qemu-x86_64-static', arm64: 'qemu-aarch64-static' }

const text = async (socket: Socket): Promise<string> => {
  let heard = ''
  socket.on('data', (bytes) => {
    heard += bytes
  })
  await once(socket, 'end')
  return heard
}

const waitForExit = async (pid: number) => {
  for (let tries = 0; tries < 500; tries++) {
    const exit = kernel.reap(pid)
    if (exit) return exit
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`process ${pid} did not end`)
}

describe('the program that hands over', () => {
  for (const arch of ['x64', 'arm64'] as const) {
    it(`runs its launcher by itself where nobody waits, on ${arch}`, (context) => {
      const native = arch === hostArch()
      if (!native) needPrograms(context, emulator[arch])
      const [path, launcher] = [join(folder, `hand-over-${arch}`), join(folder, 'launcher')]
      writeFileSync(path, handOverProgram(arch, join(folder, 'nobody')), { mode: 0o755 })
      writeFileSync(launcher, 'echo "$GIVEN: $0 $1, $2"; exit 5')
      const args = native ? [] : [path]
      const runner = native ? path : (findProgram(emulator[arch]) ?? '')
      const env = { PATH: process.env.PATH, GIVEN: 'given' }
      const run = spawnSync(runner, [...args, launcher, 'one', 'two words'], { env, encoding: 'utf8' })
      expect(run).toMatchObject({ status: 5, stdout: `given: ${launcher} one, two words\n`, stderr: '' })
    })
  }
})

describe('the pause program', () => {
  for (const arch of ['x64', 'arm64'] as const) {
    it(`sleeps until SIGTERM and ends with 0 on ${arch}`, async (context) => {
      const path = join(folder, `pause-${arch}`)
      writeFileSync(path, pauseProgram(arch), { mode: 0o755 })
      const native = arch === hostArch()
      if (!native) needPrograms(context, emulator[arch])
      const runner = native ? path : (findProgram(emulator[arch]) ?? '')
      const args = native ? ['pause'] : [runner, path]
      const pid = kernel.spawn({ program: runner, args, env: [], descriptors: [] })
      // an emulator on a busy machine takes its time
      await new Promise((resolve) => setTimeout(resolve, native ? 300 : 2000))
      expect(kernel.reap(pid)).toBeUndefined()
      process.kill(pid, 'SIGTERM')
      expect(await waitForExit(pid)).toMatchObject({ code: 0, signal: 0 })
    })
  }

  it('is heard as PID 1, and leaves no zombie of an orphan', () => {
    const path = join(folder, 'pause')
    writeFileSync(path, pauseProgram(hostArch()), { mode: 0o755 })
    // An orphan dies inside; then the host looks for zombies among the pause's children, and ends it.
    const script = `
      unshare --fork --pid --kill-child ${path} & starter=$!
      sleep 0.3
      pause=$(cat /proc/$starter/task/$starter/children)
      nsenter -t $pause -p sh -c '(sleep 0.1 &) ; exit'
      sleep 0.4
      echo "children:$(cat /proc/$(echo $pause)/task/$(echo $pause)/children)"
      kill -TERM $pause
      wait $starter; echo "code:$?"`
    const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' })
    expect(stdout).toBe('children:\ncode:0\n')
  })
})

describe('the splice program', () => {
  const pair = (): [number, number] => {
    const fds = Buffer.alloc(8)
    expect(kernel.raw.call('socketpair', 1, 0x80001, 0, fds)).toBe(0)
    return [fds.readInt32LE(0), fds.readInt32LE(4)]
  }

  for (const arch of ['x64', 'arm64'] as const) {
    it(`carries both directions until both have ended on ${arch}`, async (context) => {
      const path = join(folder, `splice-${arch}`)
      writeFileSync(path, spliceProgram(arch), { mode: 0o755 })
      const native = arch === hostArch()
      if (!native) needPrograms(context, emulator[arch])
      const runner = native ? path : (findProgram(emulator[arch]) ?? '')
      const [[one, theirs], [theirOther, other]] = [pair(), pair()]
      const descriptors = [
        [theirs, ONE],
        [theirOther, OTHER],
      ] as const
      const args = native ? ['splice'] : [runner, path]
      const pid = kernel.spawn({ program: runner, args, env: [], descriptors })
      for (const [fd] of descriptors) kernel.close(fd)
      const [left, right] = [one, other].map((fd) => new Socket({ fd, allowHalfOpen: true }))
      const heard = text(right!)
      left!.end('there')
      expect(await heard).toBe('there')
      right!.end('and back')
      expect(await text(left!)).toBe('and back')
      expect(await waitForExit(pid)).toMatchObject({ code: 0, signal: 0 })
    })
  }
})

describe('a program on the kernel', () => {
  const programOf = (fill: (program: SyscallProgram) => void) => {
    const program = new SyscallProgram(hostArch())
    fill(program)
    reportFailures(program)
    const { elf, notes } = program.compile()
    return { program: elf, notes, descriptors: [], terminal: false, command: 'test' }
  }
  const stdio = { stdin: 0, stdout: 1, stderr: 2 }

  it('names the step, the call and the errno that failed', async () => {
    const request = programOf((program) => program.step('chdir', ['/nowhere/at/all'], 'change to /nowhere'))
    await expect(launch(kernel, request, stdio)).rejects.toMatchObject({
      message: 'change to /nowhere: no such file or directory',
      context: { call: 'chdir', errno: 'ENOENT' },
    })
  })

  it('goes on after an error that is allowed, and where the plan says', async () => {
    const request = programOf((program) => {
      const over = program.label()
      program.step('chdir', ['/nowhere'], 'one', { allow: [13, 2], otherwise: over })
      program.step('chdir', ['/nowhere-else'], 'two')
      program.place(over)
      program.step('fchdir', [-1], 'three')
    })
    await expect(launch(kernel, request, stdio)).rejects.toMatchObject({
      message: expect.stringMatching(/^three/),
    })
  })
})
