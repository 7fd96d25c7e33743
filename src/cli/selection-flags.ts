import * as flag from './flags'

/** Longer than any timer can wait is as good as for ever; Podman takes a negative number for that. */
const LONGEST_SECONDS = 2_000_000

export const latestFlag = (what: 'container' | 'pod') => ({
  latest: flag.bool(`The ${what} that was created last`, { char: 'l' }),
})

export const cidfileFlag = {
  cidfile: flag.stringArray("File to read a container's id from", { value: 'file' }),
}

export const podIdFileFlag = {
  'pod-id-file': flag.stringArray("File to read a pod's id from", { value: 'file' }),
}

export const filterFlag = {
  filter: flag.stringArray('Those alone that fit', { char: 'f', value: 'key=value' }),
}

export const timeFlag = {
  time: flag.int('Seconds to wait before SIGKILL', { char: 't', value: 'seconds', aliases: ['timeout'] }),
}

export const signalFlag = {
  signal: flag.string('Signal to send', { char: 's', value: 'signal', default: 'KILL' }),
}

/** The value of `--time`: undefined where each container's own time counts. */
export const secondsOf = (time: number | undefined): number | undefined =>
  time === undefined || (time >= 0 && time <= LONGEST_SECONDS) ? time : LONGEST_SECONDS

/** Names may be typed with a slash in front, as Docker prints them. */
export const withoutSlash = (names: readonly string[]): string[] =>
  names.map((name) => (name.startsWith('/') ? name.slice(1) : name))
