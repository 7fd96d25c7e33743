import type { ContainerVerbs } from './api/containers'
import type { EngineContext } from './context'

/** The verbs of containers. Each loads its code when it is called. */
export const containerVerbs = (context: EngineContext): ContainerVerbs => ({
  create: async (options) => (await import('./container-create')).createContainer(context, options),
  run: async (options) => (await import('./run')).runContainer(context, options),
  start: async (names, options) => (await import('./run')).startContainers(context, names, options),
  stop: async (names, options) => (await import('./stop')).stopContainers(context, names, options),
  kill: async (names, options) => (await import('./stop')).killContainers(context, names, options),
  restart: async (names, options) => (await import('./restart')).restartContainers(context, names, options),
  pause: async (names, options = {}) =>
    (await import('./stop')).freezeContainers(context, names, options, 'pause'),
  unpause: async (names, options = {}) =>
    (await import('./stop')).freezeContainers(context, names, options, 'unpause'),
  remove: async (names, options) => (await import('./remove')).removeContainers(context, names, options),
  init: async (names, options) => (await import('./init')).initContainers(context, names, options),
  rename: async (name, newName) => (await import('./rename')).renameContainer(context, name, newName),
  prune: async (options) => (await import('./remove')).pruneContainers(context, options),
  wait: async (names, options) => (await import('./wait')).waitContainers(context, names, options),
  attach: async (name, options) => (await import('./run')).attachContainer(context, name, options),
  exec: async (name, options) => (await import('./exec')).execContainer(context, name, options),
  logs: async (names, options, read) => (await import('./logs')).readLogs(context, names, options, read),
  top: async (name, options) => (await import('./top')).containerTop(context, name, options),
  port: async (names, options) => (await import('./port')).containerPorts(context, names, options),
  list: async (options) => (await import('./show/list')).listContainers(context, options),
  inspect: async (names, options) =>
    (await import('./show/container-inspect')).inspectContainers(context, names, options),
  exists: async (name) => (await import('./exists')).containerExists(context, name),
})
