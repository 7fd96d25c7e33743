import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { formatIp, parseIp } from '../../../src/kernel/ip'
import { type Ipam, openIpam } from '../../../src/network/ipam'

const subnet = { subnet: '10.88.0.0/16', gateway: '10.88.0.1' }
const small = { subnet: '10.9.0.0/29', gateway: '10.9.0.1' }

let folder: string
let ipam: Ipam

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'ipam-')), 'podman')
  ipam = openIpam(folder, 'podman')
})
afterEach(() => rmSync(join(folder, '..'), { recursive: true }))

const allocate = (owner: string, from = subnet, wanted?: string) =>
  formatIp(ipam.allocate(from, owner, wanted ? parseIp(wanted) : undefined))

describe('addresses', () => {
  test('follow the last one, gateway left out', () => {
    expect([allocate('a'), allocate('b')]).toEqual(['10.88.0.2', '10.88.0.3'])
    ipam.release('a')
    expect(allocate('c')).toBe('10.88.0.4')
    expect(ipam.leases()).toEqual(
      new Map([
        ['10.88.0.3', 'b'],
        ['10.88.0.4', 'c'],
      ]),
    )
  })

  test('start again at the end of the range, and end when all are taken', () => {
    const taken = ['a', 'b', 'c', 'd', 'e'].map((owner) => allocate(owner, small))
    expect(taken).toEqual(['10.9.0.2', '10.9.0.3', '10.9.0.4', '10.9.0.5', '10.9.0.6'])
    expect(() => allocate('f', small)).toThrow(
      'IPAM error: failed to find free IP in range: 10.9.0.1 - 10.9.0.6',
    )
    ipam.release('b')
    expect(allocate('f', small)).toBe('10.9.0.3')
  })

  test('keep to a lease range', () => {
    const leased = { ...subnet, lease_range: { start_ip: '10.88.5.1', end_ip: '10.88.5.2' } }
    expect([allocate('a', leased), allocate('b', leased)]).toEqual(['10.88.5.1', '10.88.5.2'])
    expect(() => allocate('c', leased)).toThrow('failed to find free IP in range: 10.88.5.1 - 10.88.5.2')
  })

  test('may be asked for, once', () => {
    expect(allocate('a', subnet, '10.88.7.7')).toBe('10.88.7.7')
    expect(() => allocate('b', subnet, '10.88.7.7')).toThrow(
      'IPAM error: requested ip address 10.88.7.7 is already allocated to container ID a',
    )
    expect(() => allocate('b', subnet, '10.99.0.1')).toThrow(
      'requested static ip 10.99.0.1 not in any subnet on network podman',
    )
    expect(() => allocate('b', subnet, '10.88.0.1')).toThrow('is the gateway of network podman')
    expect(allocate('b')).toBe('10.88.0.2')
  })

  test('of IPv6 have no broadcast address to leave out', () => {
    const six = { subnet: 'fd00::/126', gateway: 'fd00::1' }
    expect([allocate('a', six), allocate('b', six)]).toEqual(['fd00::2', 'fd00::3'])
  })
})

test('a file appears whole, and nothing else is left beside it', () => {
  allocate('a')
  expect(readdirSync(folder).sort()).toEqual(['.last-10.88.0.0', '10.88.0.2'])
  expect(readFileSync(join(folder, '10.88.0.2'), 'utf8')).toBe('a\n')
})

test('what a killed process left is passed over', () => {
  allocate('a')
  writeFileSync(join(folder, '10.88.0.3.77.tmp'), 'half')
  writeFileSync(join(folder, '.last-10.88.0.0'), 'garbage')
  expect(allocate('b')).toBe('10.88.0.3')
  expect([...ipam.leases().values()].sort()).toEqual(['a', 'b'])
})
