/** JSON as Go's encoder writes it, so that a configuration made here has the digest that Podman's has. */
export const goJson = (value: unknown): string =>
  JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('>', '\\u003e')
    .replaceAll('&', '\\u0026')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')

/** Go writes maps in the order of their keys. */
export const sortedKeys = <T>(map: Record<string, T>): Record<string, T> =>
  Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))

/** Nanoseconds since 1970 as RFC 3339 in UTC, zeros at the end of the fraction left out. */
export const goTime = (nanoseconds: bigint): string => {
  const seconds = nanoseconds / 1_000_000_000n
  const fraction = (nanoseconds % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  const whole = new Date(Number(seconds) * 1000).toISOString().slice(0, 19)
  return `${whole}${fraction ? `.${fraction}` : ''}Z`
}
