/** IP addresses as the kernel has them: 4 or 16 bytes in network order. */
export type IpBytes = Uint8Array

const parseV4 = (text: string): Uint8Array | undefined => {
  const parts = text.split('.')
  if (parts.length !== 4) return undefined
  // As in Go's net.ParseIP, a leading zero is refused: it means octal to some programs.
  if (!parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)) return undefined
  return Uint8Array.from(parts, Number)
}

const groups = (text: string): number[] | undefined => {
  if (text === '') return []
  const bytes: number[] = []
  const parts = text.split(':')
  for (const [index, part] of parts.entries()) {
    const v4 = index === parts.length - 1 ? parseV4(part) : undefined
    if (v4) bytes.push(...v4)
    else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      const value = Number.parseInt(part, 16)
      bytes.push(value >> 8, value & 0xff)
    } else return undefined
  }
  return bytes
}

const parseV6 = (text: string): Uint8Array | undefined => {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const head = groups(halves[0]!)
  const tail = halves.length === 2 ? groups(halves[1]!) : []
  if (!head || !tail) return undefined
  const missing = 16 - head.length - tail.length
  if (halves.length === 2 ? missing < 2 : missing !== 0) return undefined
  return Uint8Array.from([...head, ...new Array<number>(missing).fill(0), ...tail])
}

const isMapped = (bytes: IpBytes): boolean =>
  bytes.length === 16 &&
  bytes[10] === 0xff &&
  bytes[11] === 0xff &&
  bytes.subarray(0, 10).every((byte) => byte === 0)

/** Bytes of an address in text; undefined where it is none. An IPv4 address mapped into IPv6 becomes IPv4. */
export const parseIp = (text: string): IpBytes | undefined => {
  const bytes = text.includes(':') ? parseV6(text) : parseV4(text)
  return bytes && isMapped(bytes) ? bytes.slice(12) : bytes
}

interface Run {
  start: number
  length: number
}

const longestZeroRun = (words: number[]): Run => {
  let best: Run = { start: -1, length: 1 }
  let run: Run = { start: 0, length: 0 }
  words.forEach((word, index) => {
    run =
      word === 0 ? { start: run.length ? run.start : index, length: run.length + 1 } : { start: 0, length: 0 }
    if (run.length > best.length) best = run
  })
  return best
}

/** Text of an address as RFC 5952 wants it. */
export const formatIp = (bytes: IpBytes): string => {
  if (bytes.length === 4) return bytes.join('.')
  if (isMapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`
  const words = Array.from({ length: 8 }, (_, index) => (bytes[index * 2]! << 8) | bytes[index * 2 + 1]!)
  const hex = (part: number[]) => part.map((word) => word.toString(16)).join(':')
  const { start, length } = longestZeroRun(words)
  return start < 0 ? hex(words) : `${hex(words.slice(0, start))}::${hex(words.slice(start + length))}`
}
