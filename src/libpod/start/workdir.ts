import { TspodError } from '../../errors'
import type { LayeredRoot } from '../../image/layered-root'
import type { ContainerRecord } from '../../state'

const FOLDER = 0o040000
const TYPE = 0o170000

/** Places that are there whatever the image holds. */
const mounted = ['/proc', '/sys', '/dev']

const isBelow = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder}/`)

/** Refuses a working folder that the user asked for and that is not there. The image's own is made. */
export const checkWorkdir = (container: ContainerRecord, files: LayeredRoot | undefined): void => {
  const { workdir, mounts, createWorkdir } = container.config
  if (!files || workdir === '/') return
  const places = [...mounted, ...mounts.map(({ destination }) => destination)]
  if (places.some((place) => isBelow(workdir, place))) return
  const status = files.stat(workdir)
  if (status && (status.mode & TYPE) === FOLDER) return
  if (!status && createWorkdir) return
  const id = container.id
  const problem = status
    ? `workdir "${workdir}" exists on container ${id}, but is not a directory`
    : `workdir "${workdir}" does not exist on container ${id}`
  throw new TspodError('not-found', problem, { object: workdir })
}
