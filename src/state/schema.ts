import * as v from 'valibot'
import type { Sandbox } from './types'

/*
 * What a document must have so that the code can rely on it: its frame and the containers' states in full, of the
 * configurations what listing touches. Checking every field of a configuration would cost as much as all the rest,
 * and only our own code writes them.
 */

const text = v.string()
const processId = v.object({ pid: v.number(), startTime: v.number(), bootId: text })

const state = v.looseObject({
  status: v.picklist([
    'created',
    'initialized',
    'running',
    'paused',
    'stopping',
    'stopped',
    'exited',
    'removing',
  ]),
  process: v.optional(processId),
  startedAt: v.optional(text),
  finishedAt: v.optional(text),
  exitCode: v.number(),
  oomKilled: v.boolean(),
  error: text,
  restartCount: v.number(),
  stoppedByUser: v.boolean(),
  network: v.optional(
    v.looseObject({ netns: text, networks: v.array(v.looseObject({})), ports: v.array(v.looseObject({})) }),
  ),
  cgroupPath: text,
  execIds: v.array(text),
})

const config = v.looseObject({
  argv: v.array(text),
  env: v.array(text),
  labels: v.looseObject({}),
  namespaces: v.looseObject({}),
  mounts: v.array(v.looseObject({ destination: text })),
  network: v.looseObject({ ports: v.array(v.looseObject({})) }),
  requires: v.array(text),
})

const container = v.looseObject({
  id: text,
  name: text,
  created: text,
  infra: v.boolean(),
  image: v.optional(v.looseObject({ id: text, name: text })),
  config,
  state,
})

const pod = v.looseObject({
  name: text,
  created: text,
  hostname: text,
  labels: v.looseObject({}),
  shared: v.array(text),
  infraId: v.optional(text),
  exitPolicy: v.picklist(['continue', 'stop']),
  cgroupPath: text,
})

const sandbox = v.looseObject({
  schema: v.literal(1),
  id: text,
  pod: v.optional(pod),
  containers: v.array(container),
  monitor: v.optional(processId),
})

export type Checked = { sandbox: Sandbox } | { problem: string }

/** Reads the text of a document, and says what is wrong with one that is damaged. */
export const parseSandbox = (id: string, document: string): Checked => {
  let value: unknown
  try {
    value = JSON.parse(document)
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) }
  }
  const result = v.safeParse(sandbox, value, { abortEarly: true })
  if (!result.success) {
    const issue = result.issues[0]
    return { problem: `${v.getDotPath(issue) ?? 'document'}: ${issue.message}` }
  }
  const checked = value as Sandbox
  if (checked.id !== id) return { problem: `it is the document of ${checked.id}` }
  return { sandbox: checked }
}
