/** What the `inspect` commands have in common: find things of one or of any kind, print them as JSON or by a template. */
import { TspodError } from '../errors'
import type { Engine } from '../libpod'
import * as flag from './flags'
import { toJson } from './go-json'
import { quote } from './go-quote'
import { goShape } from './go-shape'
import { containerShape, imageShape, podShape } from './inspect-shapes'
import { isJson, renderRows } from './report'

const INDENT = '     '

export const inspectFormatFlag = {
  format: flag.string('json, or a Go template for each object', {
    char: 'f',
    value: 'format',
    default: 'json',
  }),
}

export interface Inspected {
  objects: object[]
  errors: TspodError[]
}

interface InspectAsked {
  latest?: boolean
  size?: boolean
}

type Inspect = (engine: Engine, names: string[], asked: InspectAsked) => Promise<Inspected>

/** Podman's `inspect` has shorter words for what is not there than its other commands. */
const notFoundAs =
  (words: (name: string) => string) =>
  (error: TspodError): TspodError => {
    const { object } = error.context
    if (error.code !== 'not-found' || object === undefined) return error
    return new TspodError('not-found', words(object), error.context, error)
  }

export const inspectContainers: Inspect = async (engine, names, asked) => {
  const { results, errors } = await engine.containers.inspect(names, asked)
  return {
    objects: results.map((result) => goShape(result, containerShape)),
    errors: errors.map(notFoundAs((name) => `no such container ${quote(name)}`)),
  }
}

export const inspectPods: Inspect = async (engine, names, { latest }) => {
  const { results, errors } = await engine.pods.inspect(names, { latest })
  return {
    objects: results.map((result) => goShape(result, podShape)),
    errors: errors.map(notFoundAs((name) => `no such pod ${name}`)),
  }
}

export const inspectImages: Inspect = async (engine, names) => {
  const found: Inspected = { objects: [], errors: [] }
  for (const name of names) {
    try {
      found.objects.push(goShape(await engine.images.inspect(name), imageShape))
    } catch (error) {
      if (!(error instanceof TspodError)) throw error
      found.errors.push(error)
    }
  }
  return found
}

/** Takes each name for whatever it is the name of, in Podman's order. */
export const inspectAny: Inspect = async (engine, names, asked) => {
  const all: Inspected = { objects: [], errors: [] }
  for (const name of names) all.objects.push(...(await inspectOne(engine, name, asked, all.errors)))
  return all
}

async function inspectOne(
  engine: Engine,
  name: string,
  asked: InspectAsked,
  errors: TspodError[],
): Promise<object[]> {
  for (const inspect of [inspectContainers, inspectImages, inspectPods]) {
    const { objects, errors: failed } = await inspect(engine, [name], asked)
    if (failed.length === 0) return objects
    const real = failed.find(({ code }) => code !== 'not-found')
    if (real) {
      errors.push(real)
      return []
    }
  }
  errors.push(new TspodError('not-found', `no such object: ${quote(name)}`, { object: name }))
  return []
}

interface Printer {
  write(text: string): void
  logToStderr(message: string): void
}

/** The short names that Podman's templates may use for fields. */
const spelledOut = (format: string): string =>
  format.replaceAll('.Src', '.Source').replaceAll('.Dst', '.Destination').replaceAll('.ImageID', '.Image')

/** Prints what was found, and throws the first of the errors when the others have been said. */
export function printInspected(command: Printer, { objects, errors }: Inspected, format: string): void {
  if (isJson(format) || format === '') command.write(`${toJson(objects, { indent: INDENT })}\n`)
  else command.write(renderRows(spelledOut(format), objects, { name: 'inspect' }))
  const [first, ...others] = errors
  for (const { message } of others) command.logToStderr(message)
  if (first) throw first
}
