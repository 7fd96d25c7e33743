import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseIdMap } from '../../../src/specgen/id-maps'
import { conflicts, hostId, isMapped } from '../../../src/specgen/id-ranges'
import { configure, host, messageOf } from './facts'

const own = [{ container: 0, host: 0, size: 4294967295 }]
const parse = (...texts: string[]) => parseIdMap(texts, 'UID', own)

describe('id maps', () => {
  it('reads triples, several in one value too, and joins neighbours', () => {
    expect(parse('0:1000:1')).toEqual([{ container: 0, host: 1000, size: 1 }])
    expect(parse('0:1000:1:1:1001:9')).toEqual([{ container: 0, host: 1000, size: 10 }])
    expect(parse('10:5')).toEqual([{ container: 10, host: 5, size: 1 }])
    expect(parse('0:1:0')).toEqual([])
  })

  it('keeps rows for one kind from the other', () => {
    expect(parse('u0:1000:1', 'g0:2000:1')).toEqual([{ container: 0, host: 1000, size: 1 }])
    expect(parseIdMap(['u0:1000:1', 'g0:2000:1'], 'GID', own)).toEqual([
      { container: 0, host: 2000, size: 1 },
    ])
  })

  it('lets a row with + take its ids from earlier rows', () => {
    expect(parse('0:100000:1000', '+500:0:1')).toEqual([
      { container: 0, host: 100000, size: 500 },
      { container: 500, host: 0, size: 1 },
      { container: 501, host: 100501, size: 499 },
    ])
    expect(parse('0:100000:1000', '+2000:100010:1')).toEqual([
      { container: 0, host: 100000, size: 10 },
      { container: 11, host: 100011, size: 989 },
      { container: 2000, host: 100010, size: 1 },
    ])
  })

  it('looks @ids up in the map of our own namespace', () => {
    const parent = [{ container: 1, host: 100000, size: 10 }]
    expect(parseIdMap(['0:@100003:2'], 'UID', parent)).toEqual([{ container: 0, host: 4, size: 2 }])
    expect(messageOf(() => parseIdMap(['0:@5:1'], 'UID', parent))).toBe(
      'parent ID UID 5 is not mapped/delegated',
    )
  })

  it.each([
    [
      ['0:1:2:3'],
      'initializing ID mappings: UID setting is malformed expected ["[+ug]uint32:[@]uint32[:uint32]"] : ["0:1:2:3"]',
    ],
    [['x:1:1'], 'parsing id map value "x": strconv.ParseUint: parsing "x": invalid syntax'],
    [['0::1'], 'invalid empty host id at UID map: [0  1]'],
    [['0:1000:10', '5:2000:10'], 'UID mappings ["0:1000:10" "5:2000:10"] overlap'],
  ])('refuses %j', (texts, message) => {
    expect(messageOf(() => parse(...texts))).toBe(message)
  })

  it('never maps an id twice, whatever + takes away', () => {
    const row = fc.tuple(fc.nat(200), fc.nat(200), fc.integer({ min: 1, max: 60 }))
    fc.assert(
      fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
        const maps = parse(...rows.map(([container, outside, size]) => `+${container}:${outside}:${size}`))
        expect(conflicts(maps)).toBe(false)
        const [container, outside] = rows.at(-1) ?? [0, 0]
        if (rows.length > 0) expect(hostId(maps, container)).toBe(outside)
      }),
    )
  })

  it('counts for both kinds where only one is given', () => {
    const config = configure({ uidmap: ['0:1000:1'] })
    expect(config.gidMappings).toEqual([{ container: 0, host: 1000, size: 1 }])
    expect(config.namespaces.user).toEqual({ mode: 'private' })
    expect(isMapped(config.uidMappings, 1)).toBe(false)
  })

  it('refuses a map beside a mode', () => {
    expect(messageOf(() => configure({ uidmap: ['0:1:1'], userns: 'auto' }))).toBe(
      '--userns and --uidmap/--gidmap/--subuidname/--subgidname are mutually exclusive',
    )
  })
})

describe('automatic user namespaces', () => {
  const files: Record<string, string> = {
    '/etc/subuid': 'someone:1:5\ncontainers:100000:3000\n',
    '/etc/subgid': 'containers:200000:3000\n',
  }
  const withFiles = host({ readFile: (path) => files[path] })

  it('takes the first ids of the delegated range that nobody holds', () => {
    const first = configure({ userns: 'auto' }, { host: withFiles })
    expect(first.uidMappings).toEqual([{ container: 0, host: 100000, size: 1024 }])
    expect(first.gidMappings).toEqual([{ container: 0, host: 200000, size: 1024 }])
    const second = configure(
      { userns: 'auto:size=500' },
      { host: withFiles, usedIds: () => ({ uids: first.uidMappings, gids: first.gidMappings }) },
    )
    expect(second.uidMappings).toEqual([{ container: 0, host: 101024, size: 500 }])
  })

  it('is as large as the image needs', () => {
    expect(
      configure({ userns: 'auto' }, { host: withFiles, imageIds: () => 2000 }).uidMappings[0]?.size,
    ).toBe(2000)
    expect(messageOf(() => configure({ userns: 'auto' }, { imageIds: () => 70000 }))).toBe(
      'the container needs a user namespace with size 70000 that is bigger than the maximum value allowed with userns=auto 65536',
    )
  })

  it('keeps additional rows', () => {
    const config = configure({ userns: 'auto:size=10,uidmapping=5:1000:1' }, { host: withFiles })
    expect(config.uidMappings).toEqual([
      { container: 0, host: 100000, size: 5 },
      { container: 5, host: 1000, size: 1 },
      { container: 6, host: 100005, size: 4 },
    ])
  })

  it('says when there are no more', () => {
    expect(messageOf(() => configure({ userns: 'auto:size=4000' }, { host: withFiles }))).toBe(
      'not enough unused IDs in user namespace',
    )
  })

  it('takes the range that Podman’s manual suggests where none is delegated', () => {
    expect(configure({ userns: 'auto' }).uidMappings).toEqual([
      { container: 0, host: 2147483647, size: 1024 },
    ])
  })

  it('keeps every id for keep-id of root', () => {
    const config = configure({ userns: 'keep-id:uid=7,gid=8' })
    expect(config.uidMappings).toEqual([{ container: 0, host: 0, size: 4294967295 }])
    expect(config.user).toBe('7:8')
  })
})
