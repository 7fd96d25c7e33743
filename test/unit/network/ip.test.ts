import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatIp, parseIp } from '../../../src/kernel/ip'
import { contains, formatSubnet, overlaps, parseSubnet } from '../../../src/network/subnet'

describe('addresses', () => {
  test.each([
    ['1.2.3.4', '1.2.3.4'],
    ['::', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['FE80:0:0:0:0:0:0:1', 'fe80::1'],
    ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
    ['1:0:2:3:4:5:6:7', '1:0:2:3:4:5:6:7'],
    ['::ffff:1.2.3.4', '1.2.3.4'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ])('%s is %s', (text, expected) => {
    expect(formatIp(parseIp(text)!)).toBe(expected)
  })

  test.each([
    '',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    ':',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    '1::2:3:4:5:6:7:8',
    '::1.2.3',
  ])('refuses %j', (text) => expect(parseIp(text)).toBeUndefined())

  test('every address survives its text', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ minLength: 4, maxLength: 4 }),
      fc
        .array(fc.oneof(fc.constant(0), fc.nat(255)), { minLength: 16, maxLength: 16 })
        .map((list) => Uint8Array.from(list)),
    )
    fc.assert(
      fc.property(bytes, (ip) => {
        expect([...parseIp(formatIp(ip))!]).toEqual([...ip])
      }),
    )
  })
})

describe('subnets', () => {
  test('begin with their first address', () => {
    expect(formatSubnet(parseSubnet('10.88.3.4/16'))).toBe('10.88.0.0/16')
    expect(formatSubnet(parseSubnet('fd00::5/64'))).toBe('fd00::/64')
    expect(formatSubnet(parseSubnet('0.0.0.0/0'))).toBe('0.0.0.0/0')
  })

  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0/8', 'x/8', '10.0.0.0/-1', 'fd00::/129'])(
    'refuse %j',
    (text) => {
      expect(() => parseSubnet(text)).toThrow(`invalid CIDR address: ${text}`)
    },
  )

  test('contain and overlap', () => {
    const subnet = parseSubnet('10.88.0.0/16')
    expect(contains(subnet, parseIp('10.88.255.255')!)).toBe(true)
    expect(contains(subnet, parseIp('10.89.0.0')!)).toBe(false)
    expect(contains(subnet, parseIp('fd00::1')!)).toBe(false)
    expect(overlaps(subnet, parseSubnet('10.0.0.0/8'))).toBe(true)
    expect(overlaps(subnet, parseSubnet('10.88.9.0/24'))).toBe(true)
    expect(overlaps(subnet, parseSubnet('10.87.0.0/16'))).toBe(false)
  })
})
