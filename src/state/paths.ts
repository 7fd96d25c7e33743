import { join } from 'node:path'

/** Where everything of one `--root` and `--runroot` lies. */
export interface StatePaths {
  root: string
  runroot: string
  sandboxes: string
  names: string
  /** Notes of what commands are doing. */
  intents: string
  /** `<root>/sandboxes/<id>` */
  sandbox(id: string): string
  /** What a container keeps over a boot: its writable layer (`diff`, `work`), its log. */
  container(id: string): string
  /** What it needs while it runs: hosts, config.json, … */
  containerRun(id: string): string
  /** Folder of the tmpfs that is the /dev/shm of a sandbox or container. */
  shm(id: string): string
  monitors: string
}

export const statePaths = (root: string, runroot: string): StatePaths => {
  const sandboxes = join(root, 'sandboxes')
  return {
    root,
    runroot,
    sandboxes,
    names: join(root, 'names'),
    intents: join(root, 'intents'),
    sandbox: (id) => join(sandboxes, id),
    container: (id) => join(root, 'containers', id),
    containerRun: (id) => join(runroot, 'containers', id),
    shm: (id) => join(runroot, 'shm', id),
    monitors: join(runroot, 'monitors'),
  }
}
