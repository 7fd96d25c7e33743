import { expect, test } from 'vitest'
import { inodesOf } from '../../../src/network/holder'

const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4242 1 0 100 0 0 10 0
   1: 0100007F:1F90 0100007F:C001 01 00000000:00000000 00:00000000 00000000     0        0 4343 1 0 100 0 0 10 0
   2: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4444 1 0 100 0 0 10 0
`

test('a TCP port is held by the socket that listens', () => {
  expect(inodesOf(table, 8080, 'tcp')).toEqual(['4242'])
  expect(inodesOf(table, 80, 'tcp')).toEqual([])
})

test('a UDP port is held by any socket', () => {
  expect(inodesOf(table, 8080, 'udp')).toEqual(['4242', '4343'])
})
