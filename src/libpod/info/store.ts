import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineContext } from '../context'
import { listSandboxes, withTrueStates } from '../select'

// f_type of statfs(2), by linux/magic.h.
const fileSystems: Record<number, string> = {
  61267: 'extfs',
  1481003842: 'xfs',
  2435016766: 'btrfs',
  16914836: 'tmpfs',
  2035054128: 'overlayfs',
  801189825: 'zfs',
  26985: 'nfs',
  4076150800: 'f2fs',
}

/** The store section of `info`, in Podman's shape. */
export const storeSection = async (context: EngineContext): Promise<Record<string, unknown>> => {
  const { root, runroot } = context
  mkdirSync(root, { recursive: true })
  const kernel = await context.kernel()
  const { type, blocks, free } = kernel.statfs(root)
  const states = withTrueStates(listSandboxes(context)).map(({ container }) => container.state.status)
  const count = (status: string) => states.filter((each) => each === status).length
  const [running, paused] = [count('running'), count('paused')]
  return {
    configFile: '',
    containerStore: { number: states.length, paused, running, stopped: states.length - running - paused },
    graphDriverName: 'overlay',
    graphOptions: {},
    graphRoot: root,
    graphRootAllocated: blocks,
    graphRootUsed: blocks - free,
    graphStatus: {
      'Backing Filesystem': fileSystems[type >>> 0] ?? `0x${(type >>> 0).toString(16)}`,
      'Native Overlay Diff': 'true',
      'Supports d_type': 'true',
      'Using metacopy': 'false',
    },
    imageCopyTmpDir: process.env.TMPDIR ?? '/var/tmp',
    imageStore: { number: (await context.images()).list().length },
    runRoot: runroot,
    transientStore: false,
    volumePath: join(root, 'volumes'),
  }
}
