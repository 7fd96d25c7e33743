import type { ListPort } from '../libpod'

/** A port that is exposed, and how many follow it in a row. */
interface Exposed {
  port: number
  protocol: string
  following: number
}

const span = (first: number, range: number): string =>
  range > 1 ? `${first}-${first + range - 1}` : `${first}`

/** The address that a mapping without one stands for. */
export const hostAddress = (port: ListPort): string => port.host_ip || '0.0.0.0'

function publishedText(port: ListPort): string {
  const host = span(port.host_port, port.range)
  return `${hostAddress(port)}:${host}->${span(port.container_port, port.range)}/${port.protocol}`
}

const covers = (published: ListPort, port: number, protocol: string): boolean =>
  published.protocol === protocol &&
  port >= published.container_port &&
  port < published.container_port + Math.max(published.range, 1)

/** Ports that are exposed and not published, by protocol and number, those in a row together. */
function unpublished(exposed: Record<string, string[]>, published: readonly ListPort[]): Exposed[] {
  const rows = Object.entries(exposed)
    .flatMap(([port, protocols]) => protocols.map((protocol) => ({ port: Number(port), protocol })))
    .filter(({ port, protocol }) => !published.some((mapping) => covers(mapping, port, protocol)))
    .sort((a, b) => (a.protocol === b.protocol ? a.port - b.port : a.protocol < b.protocol ? -1 : 1))
  const joined: Exposed[] = []
  for (const { port, protocol } of rows) {
    const last = joined.at(-1)
    if (last?.protocol === protocol && port === last.port + last.following + 1) last.following += 1
    else joined.push({ port, protocol, following: 0 })
  }
  return joined
}

/** The PORTS column: `0.0.0.0:8080->80/tcp, 443/tcp`. */
export function portsText(
  ports: readonly ListPort[] | null,
  exposed: Record<string, string[]> | null,
): string {
  const published = ports ?? []
  const rest = unpublished(exposed ?? {}, published)
  return [
    ...published.map(publishedText),
    ...rest.map(({ port, protocol, following }) => `${span(port, following + 1)}/${protocol}`),
  ].join(', ')
}
