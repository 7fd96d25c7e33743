import { describe, expect, test } from 'vitest'
import { parseExposed, parsePublish } from '../../../src/network/publish'

const plain = { hostIp: '', hostPort: 0, containerPort: 80, range: 1, protocol: 'tcp' }

describe('parsePublish', () => {
  test.each([
    ['80', plain],
    [':80', plain],
    ['8080:80', { ...plain, hostPort: 8080 }],
    ['127.0.0.1:8080:80', { ...plain, hostIp: '127.0.0.1', hostPort: 8080 }],
    ['127.0.0.1::80', { ...plain, hostIp: '127.0.0.1' }],
    ['[::1]:8080:80', { ...plain, hostIp: '::1', hostPort: 8080 }],
    ['[0:0:0:0:0:0:0:1]::80', { ...plain, hostIp: '::1' }],
    ['8000-8002:80-82/udp', { ...plain, hostPort: 8000, range: 3, protocol: 'udp' }],
    ['80-82', { ...plain, range: 3 }],
    ['80/tcp,udp', { ...plain, protocol: 'tcp,udp' }],
    ['9:80/sctp', { ...plain, hostPort: 9, protocol: 'sctp' }],
  ])('%s', (spec, expected) => {
    expect(parsePublish([spec])).toEqual([expected])
  })

  test.each([
    ['', 'must provide a non-empty container port to publish'],
    ['8080:', 'must provide a non-empty container port to publish'],
    ['80/', 'must provide a non-empty protocol to publish'],
    ['80/tcp/udp', 'invalid port format - protocol can only be specified once'],
    ['a', 'parsing container port: invalid port number: strconv.Atoi: parsing "a": invalid syntax'],
    ['b:80', 'parsing host port: invalid port number: strconv.Atoi: parsing "b": invalid syntax'],
    ['0:80', 'parsing host port: port numbers must be between 1 and 65535 (inclusive), got 0'],
    ['65536', 'parsing container port: port numbers must be between 1 and 65535 (inclusive), got 65536'],
    ['-1:80', 'parsing host port: port numbers cannot be negative'],
    ['80-', 'parsing container port: must provide ending number for port range'],
    [
      '1-2-3',
      'parsing container port: invalid port format - port ranges are formatted as startPort-stopPort',
    ],
    [
      '90-80',
      'parsing container port: the end port of a range must be higher than the start port - 80 is not higher than 90',
    ],
    ['8000-8001:80-82', 'host and container port ranges have different lengths: 2 vs 3'],
    ['1.2.3:1:2', 'cannot parse "1.2.3" as an IP address'],
    [':1:2', 'must provide a non-empty container host IP to publish'],
    ['1:2:3:4', 'invalid port format - format is [[hostIP:]hostPort:]containerPort'],
    ['::1]:1:2', 'invalid port format - IPv6 addresses must be enclosed by []'],
    ['[::1]80', "invalid port format - IPv6 address must be followed by a colon (':')"],
    ['[::1]:80', 'invalid port format - must provide host and destination port if specifying an IP'],
    ['[::1]:1:2:3', 'invalid port format - when v6 address specified, must be [ipv6]:hostPort:ctrPort'],
    ['[::1][::2]:1:2', 'invalid port format - at most one IPv6 address can be specified in a --publish'],
  ])('refuses %j', (spec, message) => {
    expect(() => parsePublish([spec])).toThrow(message)
  })
})

describe('parseExposed', () => {
  test('takes ports, ranges and protocols, each once', () => {
    expect(parseExposed(['80', '80/tcp', '53/udp', '8000-8001'])).toEqual([
      { port: 80, protocol: 'tcp' },
      { port: 53, protocol: 'udp' },
      { port: 8000, protocol: 'tcp' },
      { port: 8001, protocol: 'tcp' },
    ])
  })

  test.each([
    ['80/tcp/udp', 'invalid expose format - protocol can only be specified once'],
    ['80/icmp', 'unrecognized protocol "icmp" in port mapping'],
    ['0', 'port numbers must be between 1 and 65535 (inclusive), got 0'],
  ])('refuses %j', (spec, message) => {
    expect(() => parseExposed([spec])).toThrow(message)
  })
})
