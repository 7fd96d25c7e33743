const LENGTH = 4

/** A bundle's text as a function of what src/cli/launch/bundles.ts hands it. */
export const HEAD = '(function (exports, require, module, __filename, __dirname, __define, __later) {'
const TAIL = '\n})'
export const wrap = (text: string): string => `${HEAD}${text}${TAIL}`

/** What is kept of a run: the wrapped text of a shortened bundle, and its compiled code once there is some. */
export interface ShortText {
  text: string
  code: Buffer | undefined
}

/** Reads what writeShort made. */
export function readShort(bytes: Buffer): ShortText {
  const end = LENGTH + bytes.readUInt32LE(0)
  const text = bytes.toString('latin1', LENGTH, end)
  return { text, code: end < bytes.length ? bytes.subarray(end) : undefined }
}

export function writeShort({ text, code }: ShortText): Buffer {
  const length = Buffer.alloc(LENGTH)
  length.writeUInt32LE(text.length)
  return Buffer.concat([length, Buffer.from(text, 'latin1'), code ?? Buffer.alloc(0)])
}
