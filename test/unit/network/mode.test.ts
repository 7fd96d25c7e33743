import { describe, expect, test } from 'vitest'
import { parseNetworkMode, withStaticAddresses } from '../../../src/network/mode'

const onDefault = { mode: 'bridge', networks: [{ name: 'default' }] } as const

describe('parseNetworkMode', () => {
  test.each([
    [[], onDefault],
    [['private'], onDefault],
    [['bridge'], onDefault],
    [['host'], { mode: 'host' }],
    [['none'], { mode: 'none' }],
    [['pod'], { mode: 'pod' }],
    [['container:web'], { mode: 'container', container: 'web' }],
    [['ns:/run/netns/a:b'], { mode: 'path', path: '/run/netns/a:b' }],
    [['pasta:-t,80'], { mode: 'pasta', options: ['-t', '80'] }],
    [['slirp4netns'], { mode: 'slirp4netns', options: [] }],
    [['one,two'], { mode: 'bridge', networks: [{ name: 'one' }, { name: 'two' }] }],
    [
      ['one', 'two:ip=10.0.0.2'],
      { mode: 'bridge', networks: [{ name: 'one' }, { name: 'two', staticIps: ['10.0.0.2'] }] },
    ],
    [
      ['bridge:ip=10.88.0.9,mac=02-00-00-00-00-0A,interface_name=net7,alias=a,alias=b'],
      {
        mode: 'bridge',
        networks: [
          {
            name: 'default',
            staticIps: ['10.88.0.9'],
            staticMac: '02:00:00:00:00:0a',
            interfaceName: 'net7',
            aliases: ['a', 'b'],
          },
        ],
      },
    ],
  ])('%j', (values, expected) => {
    expect(parseNetworkMode(values)).toEqual(expected)
  })

  test.each([
    [['host', 'one'], 'cannot set multiple networks without bridge network mode, selected mode host'],
    [['one', 'host'], 'can only set extra network names, selected mode host conflicts with bridge'],
    [['bridge:ip=1.2.3'], 'invalid ip address "1.2.3"'],
    [['one:ip=1.2.3'], 'invalid option for network one: invalid ip address "1.2.3"'],
    [['bridge:mac=zz'], 'address zz: invalid MAC address'],
    [['bridge:alias='], 'alias cannot be empty'],
    [['bridge:interface_name='], 'interface_name cannot be empty'],
    [['bridge:mode=x'], 'network option "mode" is not supported'],
    [[':ip=1.2.3.4'], 'network name cannot be empty'],
  ])('refuses %j', (values, message) => {
    expect(() => parseNetworkMode(values)).toThrow(message)
  })
})

describe('withStaticAddresses', () => {
  test('lays the flags over the only network', () => {
    const mode = parseNetworkMode([])
    expect(
      withStaticAddresses(mode, {
        ip: '10.88.0.9',
        ip6: 'fd00::9',
        mac: '02:00:00:00:00:01',
        aliases: ['a'],
      }),
    ).toEqual({
      mode: 'bridge',
      networks: [
        {
          name: 'default',
          staticIps: ['10.88.0.9', 'fd00::9'],
          staticMac: '02:00:00:00:00:01',
          aliases: ['a'],
        },
      ],
    })
    expect(mode).toEqual(onDefault)
  })

  test.each([
    [['host'], { ip: '10.88.0.9' }, '--ip can only be set when the network mode is bridge: invalid argument'],
    [['a,b'], { ip: '10.88.0.9' }, '--ip can only be set for a single network: invalid argument'],
    [['none'], { mac: '02:00:00:00:00:01' }, '--mac-address can only be set when the network mode is bridge'],
    [['none'], { aliases: ['a'] }, '--network-alias can only be set when the network mode is bridge'],
    [[], { ip: 'x' }, '"x" is not an ip address'],
  ])('refuses %j with %j', (values, options, message) => {
    expect(() => withStaticAddresses(parseNetworkMode(values), options)).toThrow(message)
  })
})
