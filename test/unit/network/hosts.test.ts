import { describe, expect, test } from 'vitest'
import {
  addHostEntries,
  checkExtraHosts,
  hostAddress,
  hostsFile,
  ownHostEntries,
  removeHostEntries,
} from '../../../src/network/hosts'
import type { NetworkMode } from '../../../src/network/types'

const state = {
  netns: '/run/netns/n',
  ports: [],
  networks: [
    {
      name: 'podman',
      interface: 'eth0',
      address: '10.88.0.5/16',
      gateway: '10.88.0.1',
      mac: '02:00:00:00:00:01',
    },
  ],
}
const bridge: NetworkMode = { mode: 'bridge', networks: [{ name: 'default' }] }

describe('hostsFile', () => {
  test('has the host, the container and nothing twice', () => {
    expect(
      hostsFile({ hostAddress: '10.88.0.1', entries: ownHostEntries(bridge, state, ['web', 'web']) }),
    ).toBe(
      '127.0.0.1\tlocalhost\n::1\tlocalhost\n' +
        '10.88.0.1\thost.containers.internal host.docker.internal\n10.88.0.5\tweb\n',
    )
  })

  test("keeps the base file's entries without its comments, and never overrides a name of the user", () => {
    const base = '# comment\n127.0.0.1  localhost\n\n192.0.2.7 web  # mine\n192.0.2.8\n'
    expect(
      hostsFile({
        base,
        extraHosts: ['a;b:192.0.2.1', 'gate:host-gateway', 'six:fd00::1'],
        hostAddress: '10.88.0.1',
        entries: [{ ip: '10.88.0.5', names: ['web', 'name'] }],
      }),
    ).toBe(
      '192.0.2.1\ta b\n10.88.0.1\tgate\nfd00::1\tsix\n127.0.0.1\tlocalhost\n192.0.2.7\tweb\n' +
        '10.88.0.1\thost.containers.internal host.docker.internal\n10.88.0.5\tname\n',
    )
  })

  test('refuses host-gateway where the host has no address', () => {
    expect(() => hostsFile({ extraHosts: ['gate:host-gateway'], entries: [] })).toThrow(
      'unable to replace "host-gateway" of host entry "gate:host-gateway": host containers internal IP address is empty',
    )
  })
})

test('entries come and go', () => {
  const text = '10.88.0.5\tpod infra\n'
  const more = addHostEntries(text, [{ ip: '127.0.0.1', names: ['web', 'pod'] }])
  expect(more).toBe('10.88.0.5\tpod infra\n127.0.0.1\tweb\n')
  expect(addHostEntries(more, [{ ip: '127.0.0.1', names: ['web'] }])).toBe(more)
  expect(removeHostEntries(more, [{ ip: '127.0.0.1', names: ['web'] }])).toBe(text)
  expect(removeHostEntries(more, [{ ip: '10.0.0.1', names: ['web'] }])).toBe(more)
})

test.each([
  ['web', 'bad format for add-host: "web"'],
  [':1.2.3.4', 'bad format for add-host: ":1.2.3.4"'],
  ['a;:1.2.3.4', 'hostname in add-host "a;:1.2.3.4" is empty'],
  ['a:1.2.3', 'invalid IP address in add-host: "1.2.3"'],
])('checkExtraHosts refuses %j', (value, message) => {
  expect(() => checkExtraHosts([value])).toThrow(message)
})

test("a container's own lines follow its network mode", () => {
  expect(ownHostEntries({ mode: 'none' }, undefined, ['web'])).toEqual([{ ip: '127.0.0.1', names: ['web'] }])
  expect(ownHostEntries({ mode: 'host' }, undefined, ['web'])).toEqual([])
})

test('the host is the gateway, loopback, or an address that is looked up', () => {
  const local = () => '192.0.2.2'
  expect(hostAddress(bridge, state, local)).toBe('10.88.0.1')
  expect(hostAddress({ mode: 'host' }, undefined, local)).toBe('127.0.0.1')
  expect(hostAddress({ mode: 'none' }, undefined, local)).toBe('192.0.2.2')
})
