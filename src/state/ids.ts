import { randomBytes } from './random'

/** A new id of a pod, container or exec session: 64 hex digits. */
export const newId = (): string => {
  // An id of digits alone would read as a number in a shell or in YAML.
  for (;;) {
    const id = randomBytes(32).toString('hex')
    if (/[a-f]/.test(id.slice(0, 12))) return id
  }
}

/** The first 12 digits, as Podman prints ids. */
export const shortId = (id: string): string => id.slice(0, 12)

export const isFullId = (text: string): boolean => /^[0-9a-f]{64}$/.test(text)
