import type { PodVerbs } from './api/pods'
import type { EngineContext } from './context'

/** The verbs of pods. Each loads its code when it is called. */
export const podVerbs = (context: EngineContext): PodVerbs => ({
  create: async (options) => (await import('./pod-create')).createPod(context, options),
  start: async (names, options) => (await import('./pod-start')).startPods(context, names, options),
  stop: async (names, options) => (await import('./pod-stop')).stopPods(context, names, options),
  restart: async (names, options) => (await import('./pod-start')).restartPods(context, names, options),
  kill: async (names, options) => (await import('./pod-stop')).killPods(context, names, options),
  pause: async (names, options = {}) =>
    (await import('./pod-stop')).freezePods(context, names, options, 'pause'),
  unpause: async (names, options = {}) =>
    (await import('./pod-stop')).freezePods(context, names, options, 'unpause'),
  remove: async (names, options) => (await import('./pod-remove')).removePods(context, names, options),
  prune: async (options) => (await import('./pod-remove')).prunePods(context, options),
  list: async (options) => (await import('./show/pod-list')).listPods(context, options),
  inspect: async (names, options) =>
    (await import('./show/pod-inspect')).inspectPods(context, names, options),
  exists: async (name) => (await import('./exists')).podExists(context, name),
  logs: async (name, options, read) => (await import('./logs')).readPodLogs(context, name, options, read),
  top: async (name, options) => (await import('./top')).podTop(context, name, options),
})
