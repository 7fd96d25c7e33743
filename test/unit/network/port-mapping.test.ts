import { describe, expect, test } from 'vitest'
import { assignPortsWith } from '../../../src/network/port-mapping'
import { parseExposed, parsePublish } from '../../../src/network/publish'
import type { PortMapping } from '../../../src/state/types'

const span = (start: number, range: number) => (range > 1 ? `${start}-${start + range - 1}` : `${start}`)

const formatPorts = (mappings: PortMapping[]): string =>
  mappings
    .map(
      ({ hostIp, hostPort, containerPort, range, protocol }) =>
        `${hostIp || '0.0.0.0'}:${span(hostPort, range)}->${span(containerPort, range)}/${protocol}`,
    )
    .join(', ')

const from = (first: number) => (_mapping: unknown, isTaken: (port: number) => boolean) => {
  let port = first
  while (isTaken(port)) port += 1
  return port
}

const assign = (specs: string[], exposed: string[] = []) =>
  formatPorts(assignPortsWith(parsePublish(specs), parseExposed(exposed), from(40_000)))

describe('assignPortsWith', () => {
  test.each([
    [['8080:80'], '0.0.0.0:8080->80/tcp'],
    [['81:81', '80:80'], '0.0.0.0:80-81->80-81/tcp'],
    [['80:80', '80:80'], '0.0.0.0:80->80/tcp'],
    [['80-85:80-85', '82:82'], '0.0.0.0:80-85->80-85/tcp'],
    [['8080:80', '8081:443'], '0.0.0.0:8080->80/tcp, 0.0.0.0:8081->443/tcp'],
    [['80:80', '127.0.0.1:81:81'], '0.0.0.0:80->80/tcp, 127.0.0.1:81->81/tcp'],
    [['53:53/tcp,udp'], '0.0.0.0:53->53/tcp, 0.0.0.0:53->53/udp'],
    [['80'], '0.0.0.0:40000->80/tcp'],
    [['80', '81'], '0.0.0.0:40000->80/tcp, 0.0.0.0:40001->81/tcp'],
    [['80-82', '81-84'], '0.0.0.0:40000-40004->80-84/tcp'],
    [['40000:1', '80'], '0.0.0.0:40000->1/tcp, 0.0.0.0:40001->80/tcp'],
  ])('%j', (specs, expected) => {
    expect(assign(specs)).toBe(expected)
  })

  test('publishes exposed ports that no mapping covers', () => {
    expect(assign(['8080:80'], ['80', '443', '80/udp'])).toBe(
      '0.0.0.0:8080->80/tcp, 0.0.0.0:40000->443/tcp, 0.0.0.0:40001->80/udp',
    )
  })

  test.each([
    [['80-82:80-82', '81:90'], 'conflicting port mappings for host port 81 (protocol tcp)'],
    [['80:80/icmp'], 'unrecognized protocol "icmp" in port mapping'],
    [['65535-65535:65534'], 'the end port of a range must be higher'],
  ])('refuses %j', (specs, message) => {
    expect(() => assign(specs)).toThrow(message)
  })

  test('says so where no port is free', () => {
    expect(() => assignPortsWith(parsePublish(['80-82']), [], () => undefined)).toThrow(
      'failed to find an open port to expose container port 80 with range 3 on the host',
    )
  })
})
