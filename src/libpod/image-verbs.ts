import type { ImageUsers } from '../image'
import type { ImageVerbs } from './api/images'
import type { EngineContext } from './context'
import { listSandboxes } from './select'

// Containers that run from an image keep it; with --force they go first.
const imageUsers = (context: EngineContext): ImageUsers => ({
  containersOf: (imageId) =>
    listSandboxes(context).flatMap(({ containers }) =>
      containers.filter(({ image }) => image?.id === imageId).map(({ id }) => id),
    ),
  removeContainers: async (imageId) => {
    const { removeContainers } = await import('./remove')
    const ids = imageUsers(context).containersOf(imageId)
    const { errors } = await removeContainers(context, ids, { force: true })
    if (errors[0]) throw errors[0]
  },
})

/** The image store's verbs, with the containers that use an image known. */
export const imageVerbs = (context: EngineContext): ImageVerbs => {
  const store = () => context.images()
  const users = imageUsers(context)
  return {
    list: async (filters) => (await store()).list(filters, users),
    find: async (name) => (await store()).find(name),
    exists: async (name) => (await store()).exists(name),
    inspect: async (name) => (await store()).inspect(name),
    history: async (name) => (await store()).history(name),
    tree: async (name, options) => (await store()).tree(name, options),
    tag: async (name, names) => (await store()).tag(name, names),
    untag: async (name, names) => (await store()).untag(name, names),
    remove: async (names, options) => (await store()).remove(names, options, users),
    prune: async (options) => (await store()).prune(options, users),
    importRootfs: async (source, options) => (await store()).importRootfs(source, options),
    load: async (source, options) => (await store()).load(source, options),
    save: async (names, target, options) => (await store()).save(names, target, options),
    fromHost: async (name, programs, options) => (await store()).fromHost(name, programs, options),
  }
}
