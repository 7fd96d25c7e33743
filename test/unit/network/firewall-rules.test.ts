import { expect, test } from 'vitest'
import {
  publishRules,
  removeTableRules,
  tableRules,
  withdrawRules,
} from '../../../src/network/firewall-rules'
import { assignPortsWith } from '../../../src/network/port-mapping'
import { parsePublish } from '../../../src/network/publish'
import type { NetworkDefinition } from '../../../src/network/types'

const network: NetworkDefinition = {
  name: 'podman',
  id: 'id',
  driver: 'bridge',
  network_interface: 'tspod0',
  created: '',
  subnets: [{ subnet: '10.88.0.0/16', gateway: '10.88.0.1' }],
  ipv6_enabled: false,
  internal: false,
  dns_enabled: false,
  ipam_options: { driver: 'host-local' },
}
const ports = (...specs: string[]) => assignPortsWith(parsePublish(specs), [], () => undefined)

test('a published port is an element of one of two maps', () => {
  expect(
    publishRules(network, ports('8080-8081:80-81', '0.0.0.0:53:5353/udp', '127.0.0.1:9:9/sctp'), '10.88.0.5'),
  ).toBe(
    'add element inet tspod0 ports { tcp . 8080 : 10.88.0.5 . 80, tcp . 8081 : 10.88.0.5 . 81, udp . 53 : 10.88.0.5 . 5353 }\n' +
      'add element inet tspod0 ports_at { 127.0.0.1 . sctp . 9 : 10.88.0.5 . 9 }\n',
  )
})

test('IPv6 addresses of the host are left to the relay', () => {
  expect(publishRules(network, ports('[::1]:80:80'), '10.88.0.5').trim()).toBe('')
})

test('ports are taken back by their keys alone', () => {
  const lines = withdrawRules(network, ports('8080:80'), '10.88.0.5').split('\n')
  expect(lines.slice(-3)).toEqual([
    'add element inet tspod0 ports { tcp . 8080 : 10.88.0.5 . 80 }',
    'delete element inet tspod0 ports { tcp . 8080 }',
    '',
  ])
})

test('packets leave with an address of the host, but not those of an internal network', () => {
  const out = 'ip saddr 10.88.0.0/16 ip daddr != { 10.88.0.0/16, 224.0.0.0/4 } oifname != "tspod0" masquerade'
  expect(tableRules(network)).toContain(out)
  expect(tableRules({ ...network, internal: true })).not.toContain(out)
})

test('nobody behind the bridge may use loopback addresses', () => {
  expect(tableRules(network)).toContain(
    'add rule inet tspod0 martians iifname "tspod0" ip saddr 127.0.0.0/8 drop',
  )
})

test('a table is removed whether it is there or not', () => {
  expect(removeTableRules(network)).toBe('add table inet tspod0\ndelete table inet tspod0\n')
})
