import { describe, expect, it } from 'vitest'
import { csvFields } from '../../../src/specgen/csv'
import { matches } from '../../../src/specgen/paths'
import { configure, inPod, messageOf, other } from './facts'

const bind = ['rprivate', 'rbind']
const tmpfs = ['rprivate', 'nosuid', 'nodev', 'tmpcopyup']

describe('-v', () => {
  it.each([
    ['/srv/data:/data', { type: 'bind', source: '/srv/data', destination: '/data', options: bind }],
    [
      '/srv/data:/data/:ro',
      { type: 'bind', source: '/srv/data', destination: '/data', options: ['ro', ...bind] },
    ],
    ['./data:/data', { type: 'bind', source: '/srv/data', destination: '/data', options: bind }],
    [
      '/srv//data:/a/../b:z,rslave',
      { type: 'bind', source: '/srv/data', destination: '/b', options: ['z', 'rslave', 'rbind'] },
    ],
    [
      '/srv/data:/data:bind',
      { type: 'bind', source: '/srv/data', destination: '/data', options: ['bind', 'private'] },
    ],
    [
      '/srv/data:/data:cached,nodev',
      { type: 'bind', source: '/srv/data', destination: '/data', options: ['nodev', ...bind] },
    ],
  ])('%s', (volume, mount) => {
    expect(configure({ volume: [volume] }).mounts).toEqual([mount])
  })

  it.each([
    ['/gone:/x', 'statfs /gone: no such file or directory'],
    ['./gone:/x', 'lstat gone: no such file or directory'],
    ['/srv:x', 'invalid container path "x", must be an absolute path'],
    ['/srv:', 'container directory cannot be empty'],
    [':/x', 'host directory cannot be empty'],
    ['/a:/b:ro:x', '/a:/b:ro:x: incorrect volume format, should be [host-dir:]ctr-dir[:option]'],
    ['/srv:/x:ro,rw', `invalid options "ro, rw", can only specify 1 'rw' or 'ro' option`],
    ['/srv:/x:what', 'invalid option type "what"'],
    ['/srv:/x:O', 'the O option of a volume, an overlay, is not supported by tspod yet'],
    [
      '/srv:/x:U',
      'the U option of a bind mount, which changes the owner of its source, is not supported by tspod yet',
    ],
    ['/srv:/x:idmap', 'the idmap option of a mount is not supported by tspod yet'],
    ['name:/x', 'the named volume "name" is not supported by tspod yet'],
    ['/x', 'an anonymous volume is not supported by tspod yet'],
  ])('refuses %s', (volume, message) => {
    expect(messageOf(() => configure({ volume: [volume] }))).toBe(message)
  })

  it('takes the same twice, but not two things on one place', () => {
    expect(configure({ volume: ['/srv:/x', '/srv:/x'] }).mounts).toHaveLength(1)
    expect(messageOf(() => configure({ volume: ['/srv:/x', '/srv/data:/x'] }))).toBe(
      '/x: duplicate mount destination',
    )
    expect(messageOf(() => configure({ volume: ['/srv:/x'], tmpfs: ['/x'] }))).toBe(
      '/x: duplicate mount destination',
    )
  })
})

describe('--mount', () => {
  it.each([
    [
      'type=bind,src=/srv/data,dst=/d',
      { type: 'bind', source: '/srv/data', destination: '/d', options: bind },
    ],
    [
      'type=bind,source=data,target=/d,readonly',
      { type: 'bind', source: '/srv/data', destination: '/d', options: ['ro', ...bind] },
    ],
    [
      'type=bind,src=/srv,dst=/d,ro=false',
      { type: 'bind', source: '/srv', destination: '/d', options: bind },
    ],
    [
      'type=bind,src=/srv,dst=/d,rw=false',
      { type: 'bind', source: '/srv', destination: '/d', options: ['ro', ...bind] },
    ],
    ['type=bind,destination=/srv', { type: 'bind', source: '/srv', destination: '/srv', options: bind }],
    [
      'type=bind,src=/srv,dst=/d,bind-propagation=rshared',
      { type: 'bind', source: '/srv', destination: '/d', options: ['rshared', 'rbind'] },
    ],
    [
      'type=bind,src=/srv,dst=/d,bind-nonrecursive',
      { type: 'bind', source: '/srv', destination: '/d', options: ['bind', 'private'] },
    ],
    [
      '"type=bind","src=/srv","dst=/a,b"',
      { type: 'bind', source: '/srv', destination: '/a,b', options: bind },
    ],
    [
      'type=tmpfs,dst=/t,tmpfs-size=1m,tmpfs-mode=700,notmpcopyup',
      { type: 'tmpfs', destination: '/t', options: ['size=1m', 'mode=700', 'rprivate', 'nosuid', 'nodev'] },
    ],
    ['type=devpts,target=/p,uid=5,max=9', { type: 'devpts', destination: '/p', options: ['uid=5', 'max=9'] }],
  ])('%s', (mount, expected) => {
    expect(configure({ mount: [mount] }).mounts).toEqual([expected])
  })

  it.each([
    ['type=what,dst=/x', 'invalid filesystem type "what"'],
    ['type=bind,src=/srv', 'must set volume destination'],
    ['type=bind,src=/srv,dst=/x,foo', 'foo: invalid mount option'],
    ['type=bind,src=/srv,dst', 'dst: must provide an argument for option'],
    ['type=bind,src=,dst=/x', 'host directory cannot be empty: must provide an argument for option'],
    ['type=tmpfs,src=/srv,dst=/x', '"src" option not supported for "tmpfs" mount types'],
    ['type=bind,src=/srv,dst=/x,tmpfs-size=1', '"tmpfs-size" option not supported for "bind" mount types'],
    ['type=bind,src=/srv,dst=/x,bind-propagation=what', 'invalid value "bind-propagation=what"'],
    [
      'type=bind,src=/srv,dst=/x,ro,rw',
      "cannot pass 'readonly', 'ro', or 'rw' mnt.Options more than once: must provide an argument for option",
    ],
    [
      'type=bind,src=/srv,dst=/x,dst=/y',
      'cannot pass "dst" option more than once: must provide an argument for option',
    ],
    ['type=volume,src=a,dst=/x', '--mount of type volume is not supported by tspod yet'],
    ['type=image,src=a,dst=/x', '--mount of type image is not supported by tspod yet'],
    ['dst=/x', '--mount of type volume is not supported by tspod yet'],
  ])('refuses %s', (mount, message) => {
    expect(messageOf(() => configure({ mount: [mount] }))).toBe(message)
  })

  it('refuses the same place twice, even the same thing', () => {
    const mount = 'type=tmpfs,dst=/x'
    expect(messageOf(() => configure({ mount: [mount, mount] }))).toBe('/x: duplicate mount destination')
  })
})

describe('--tmpfs', () => {
  it('reads options and adds the safe ones', () => {
    expect(configure({ tmpfs: ['/t'] }).mounts).toEqual([
      { type: 'tmpfs', destination: '/t', options: tmpfs },
    ])
    expect(configure({ tmpfs: ['/t:size=1m,exec,dev'] }).mounts[0]?.options).toEqual([
      'size=1m',
      'exec',
      'dev',
      'rprivate',
      'nosuid',
      'tmpcopyup',
    ])
  })

  it.each([
    ['t', 'invalid container path "t", must be an absolute path'],
    ['/t:ro,rw', "only one of 'rw' and 'ro' can be used: duplicate mount option passed"],
    ['/t:z', "the 'z' and 'Z' options are not allowed with tmpfs mounts: invalid mount option"],
    ['/t:rbind', "the 'bind' and 'rbind' options are not allowed with tmpfs mounts: invalid mount option"],
    ['/t:what', 'unknown mount option "what": invalid mount option'],
    ['/t:size=1,size=2', 'only one tmpfs size can be specified: duplicate mount option passed'],
  ])('refuses %s', (text, message) => {
    expect(messageOf(() => configure({ tmpfs: [text] }))).toBe(message)
  })
})

describe('other sources of mounts', () => {
  const places = (options: Parameters<typeof configure>[0], changes = {}) =>
    configure(options, changes).mounts.map(({ type, destination }) => `${type} ${destination}`)

  it('are the image’s volumes, under the user’s', () => {
    const image = { name: 'i', config: { Volumes: { '/var/lib/db/': {}, '/data': {} } } }
    expect(places({ volume: ['/srv:/data'] }, { image })).toEqual(['volume /var/lib/db', 'bind /data'])
  })

  it('are the places to write in a read-only container', () => {
    expect(places({ readOnly: true })).toEqual(['tmpfs /tmp', 'tmpfs /var/tmp', 'tmpfs /run'])
    expect(places({ readOnly: true, volume: ['/srv:/tmp'] })).toEqual([
      'bind /tmp',
      'tmpfs /var/tmp',
      'tmpfs /run',
    ])
    expect(places({ readOnly: true, readOnlyTmpfs: false })).toEqual([])
  })

  it('are the pod’s, which a member can’t cover', () => {
    const pod = inPod({ volume: ['/srv:/shared'] })
    expect(places({}, pod)).toEqual(['bind /shared'])
    expect(messageOf(() => configure({ volume: ['/srv/data:/shared'] }, pod))).toBe(
      '"/shared": duplicate mount destination',
    )
  })

  it('are another container’s', () => {
    const lookupContainer = () => other({ volume: ['/srv:/x'], tmpfs: ['/t'] })
    expect(configure({ volumesFrom: ['other:ro'] }, { lookupContainer }).mounts).toEqual([
      { type: 'bind', source: '/srv', destination: '/x', options: ['ro', ...bind] },
    ])
    expect(messageOf(() => configure({ volumesFrom: ['other:rw,ro'] }, { lookupContainer }))).toBe(
      'cannot set ro or rw options more than once',
    )
    expect(messageOf(() => configure({ volumesFrom: ['other:x'] }, { lookupContainer }))).toBe(
      'invalid option "x" specified - volumes from another container can only use z,ro,rw options',
    )
  })
})

describe('comma-separated fields', () => {
  it('may be quoted', () => {
    expect(csvFields('a,"b,c","d""e",')).toEqual(['a', 'b,c', 'd"e', ''])
    expect(messageOf(() => csvFields('a,b"c'))).toContain('parse error')
  })
})

describe('path patterns', () => {
  it.each([
    ['/proc/*', '/proc/kcore', true],
    ['/proc/*', '/proc/a/b', false],
    ['/proc/kcor?', '/proc/kcore', true],
    ['/proc/[a-k]core', '/proc/kcore', true],
    ['/proc/.', '/proc/x', false],
    ['/proc/(', '/proc/(', true],
    ['/proc/[', '/proc/[', false],
  ])('%s on %s', (pattern, path, expected) => {
    expect(matches(pattern, path)).toBe(expected)
  })
})
