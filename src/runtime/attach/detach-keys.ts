import { TspodError } from '../../errors'

const CONTROL = '@abcdefghijklmnopqrstuvwxyz[\\]^_'
const DELETE = 127

const keyCode = (key: string): number => {
  if (Buffer.byteLength(key) === 1) return key.charCodeAt(0)
  if (key === 'DEL') return DELETE
  const code = key.length === 6 && key.startsWith('ctrl-') ? CONTROL.indexOf(key[5]!) : -1
  if (code >= 0) return code
  throw new TspodError('invalid', `invalid detach keys: Unknown character: '${key}'`, { object: key })
}

/** The bytes of a key sequence such as `ctrl-p,ctrl-q`; none for an empty one, which turns detaching off. */
export const parseDetachKeys = (keys: string): Uint8Array =>
  Uint8Array.from(keys === '' ? [] : keys.split(',').map(keyCode))

export interface DetachScanner {
  /** What of `bytes`, and of what was held back before, goes to the container; and whether the sequence was typed. */
  scan(bytes: Uint8Array): { forward: Uint8Array; detached: boolean }
}

// How much of the sequence's beginning is still matched where its first `matched` bytes and then `byte` were typed.
const stillMatched = (keys: Uint8Array, matched: number, byte: number): number => {
  const typed = Uint8Array.of(...keys.subarray(0, matched), byte)
  for (let length = Math.min(typed.length, keys.length); length > 0; length--) {
    if (Buffer.compare(typed.subarray(typed.length - length), keys.subarray(0, length)) === 0) return length
  }
  return 0
}

/**
 * Looks for the sequence in what is typed. Keys that may begin it are held back until the next one decides; the
 * sequence itself never reaches the container.
 */
export const createDetachScanner = (keys: Uint8Array): DetachScanner => {
  let matched = 0
  return {
    scan: (bytes) => {
      if (keys.length === 0) return { forward: bytes, detached: false }
      if (matched === 0 && !bytes.includes(keys[0]!)) return { forward: bytes, detached: false }
      const forward: number[] = []
      for (const byte of bytes) {
        const before = matched
        matched = stillMatched(keys, before, byte)
        if (matched === keys.length) return { forward: Uint8Array.from(forward), detached: true }
        const given = [...keys.subarray(0, before), byte]
        forward.push(...given.slice(0, given.length - matched))
      }
      return { forward: Uint8Array.from(forward), detached: false }
    },
  }
}
