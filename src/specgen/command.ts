import type { ContainerConfig } from '../state/types'
import type { CreateOptions, ImageConfig } from './types'

/** `--entrypoint` as typed: a JSON list of strings, or one word. */
export const parseEntrypoint = (text: string): string[] => {
  try {
    const list: unknown = JSON.parse(text)
    if (Array.isArray(list) && list.every((word) => typeof word === 'string')) return list
  } catch {
    // One word, then.
  }
  return [text]
}

const isCleared = (entrypoint: readonly string[]) => entrypoint.length === 1 && entrypoint[0] === ''

/** Entrypoint, command and what runs, from the options and the image. */
export const createCommand = (
  options: CreateOptions,
  image: ImageConfig = {},
): Pick<ContainerConfig, 'entrypoint' | 'command' | 'argv'> => {
  const given =
    typeof options.entrypoint === 'string' ? parseEntrypoint(options.entrypoint) : options.entrypoint
  const entrypoint = given ?? image.Entrypoint ?? []
  const typed = options.command ?? []
  // An image's own command belongs to its own entrypoint.
  const command = typed.length === 0 && !given?.length ? (image.Cmd ?? []) : typed
  const argv = [...(isCleared(entrypoint) ? [] : entrypoint), ...command]
  return { entrypoint: [...entrypoint], command: [...command], argv: argv.length === 0 ? [''] : argv }
}
