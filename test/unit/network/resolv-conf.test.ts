import { describe, expect, test } from 'vitest'
import { checkDnsSearch, parseDnsServers, resolvConf } from '../../../src/network/resolv-conf'

const host = (files: Record<string, string>) => (path: string) => files[path]
const inside = { hostNetwork: false }

describe('resolvConf', () => {
  test("keeps the host's servers, search domains and options", () => {
    const read = host({
      '/etc/resolv.conf':
        '# x\nnameserver 192.0.2.53\nsearch a.example\nsearch b.example c.example\noptions ndots:2\n',
    })
    expect(resolvConf(inside, read)).toBe(
      'search b.example c.example\nnameserver 192.0.2.53\noptions ndots:2\n',
    )
  })

  test('leaves out servers that a container can not reach', () => {
    const text =
      'nameserver 127.0.0.1\nnameserver ::1\nnameserver fd00::53\nnameserver fe80::1%eth0\nnameserver 192.0.2.53\n'
    const read = host({ '/etc/resolv.conf': text })
    expect(resolvConf(inside, read)).toBe('nameserver 192.0.2.53\n')
    expect(resolvConf({ ...inside, ipv6: true }, read)).toBe('nameserver fd00::53\nnameserver 192.0.2.53\n')
    expect(resolvConf({ hostNetwork: true }, read)).toBe(text)
  })

  test.each([
    ['127.0.0.53', '/run/systemd/resolve/resolv.conf'],
    ['127.0.0.1', '/run/NetworkManager/no-stub-resolv.conf'],
  ])('looks behind the stub resolver %s', (stub, path) => {
    const read = host({
      '/etc/resolv.conf': `nameserver ${stub}\n`,
      [path]: 'nameserver 192.0.2.53\nsearch a.example\n',
    })
    expect(resolvConf(inside, read)).toBe('search a.example\nnameserver 192.0.2.53\n')
  })

  test('falls back to public servers where the host names none', () => {
    expect(resolvConf(inside, host({}))).toBe('nameserver 8.8.8.8\nnameserver 8.8.4.4\n')
    expect(resolvConf({ hostNetwork: true }, host({}))).toBe('')
  })

  test('takes what the user gives instead', () => {
    const read = host({ '/etc/resolv.conf': 'nameserver 192.0.2.53\nsearch a.example\noptions ndots:2\n' })
    expect(
      resolvConf(
        { ...inside, servers: ['1.1.1.1'], search: ['x.example'], options: ['edns0', 'rotate'] },
        read,
      ),
    ).toBe('search x.example\nnameserver 1.1.1.1\noptions edns0 rotate\n')
    expect(resolvConf({ ...inside, search: ['.'] }, read)).toBe('nameserver 192.0.2.53\noptions ndots:2\n')
  })

  test('prefers the file that ip netns keeps for a namespace', () => {
    const read = host({
      '/etc/resolv.conf': 'nameserver 192.0.2.53\n',
      '/etc/netns/blue/resolv.conf': 'nameserver 192.0.2.99\n',
    })
    expect(resolvConf({ ...inside, namespace: '/run/netns/blue' }, read)).toBe('nameserver 192.0.2.99\n')
    expect(resolvConf({ ...inside, namespace: '/proc/1/ns/blue' }, read)).toBe('nameserver 192.0.2.53\n')
  })
})

test('parseDnsServers takes addresses, or none alone', () => {
  expect(parseDnsServers(['1.1.1.1', 'FD00::1'])).toEqual({ none: false, servers: ['1.1.1.1', 'fd00::1'] })
  expect(parseDnsServers(['none'])).toEqual({ none: true, servers: [] })
  expect(() => parseDnsServers(['none', '1.1.1.1'])).toThrow(
    'none is not allowed to be specified with other DNS',
  )
  expect(() => parseDnsServers(['dns.example'])).toThrow('dns.example is not an ip address')
})

test('checkDnsSearch takes domains, or a dot alone', () => {
  expect(checkDnsSearch(['a.example', 'b-c.example.'])).toEqual(['a.example', 'b-c.example.'])
  expect(checkDnsSearch(['.'])).toEqual(['.'])
  expect(() => checkDnsSearch(['.', 'a.example'])).toThrow(
    "cannot pass additional search domains when also specifying '.'",
  )
  for (const bad of ['', '1.2', '-a.example', 'a..b', 'a b', `${'a.'.repeat(130)}example`])
    expect(() => checkDnsSearch([bad])).toThrow(`${bad} is not a valid domain`)
})
