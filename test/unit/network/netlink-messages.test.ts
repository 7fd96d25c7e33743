import { describe, expect, test } from 'vitest'
import {
  answers,
  attribute,
  attributes,
  errorOf,
  message,
  NLM_F,
  textOf,
} from '../../../src/kernel/netlink-messages'

describe('the wire format', () => {
  test('pads attributes to four bytes and finds them again', () => {
    const bytes = Buffer.concat([
      attribute(3, Buffer.from('eth0\0')),
      attribute(4, Buffer.from([1, 2, 3, 4])),
    ])
    expect(bytes.length).toBe(20)
    const found = attributes(bytes, 0)
    expect(textOf(found.get(3))).toBe('eth0')
    expect([...found.get(4)!]).toEqual([1, 2, 3, 4])
  })

  test('splits a datagram, and stops at a length that can not be', () => {
    const two = Buffer.concat([
      message(16, 0, 7, Buffer.from([1, 2, 3, 4])),
      message(3, 0, 7, Buffer.alloc(4)),
    ])
    expect(answers(two).map(({ type, sequence }) => [type, sequence])).toEqual([
      [16, 7],
      [3, 7],
    ])
    expect(answers(Buffer.alloc(16))).toEqual([])
  })

  test("takes the kernel's own words out of an error", () => {
    const echoed = message(16, 0, 7, Buffer.alloc(0))
    const payload = Buffer.concat([
      Buffer.from([0xea, 0xff, 0xff, 0xff]),
      echoed,
      attribute(1, Buffer.from('no way\0')),
    ])
    expect(errorOf({ type: 2, flags: NLM_F.ACK_TLVS | NLM_F.CAPPED, sequence: 7, payload })).toEqual({
      errno: 22,
      detail: 'no way',
    })
    expect(errorOf({ type: 2, flags: 0, sequence: 7, payload })).toEqual({ errno: 22 })
  })
})
