import { describe, expect, it } from 'vitest'
import { groupLine, highestId, passwdLine, resolveUser } from '../../../src/specgen'
import { messageOf } from './facts'

const files: Record<string, string> = {
  '/etc/passwd': [
    'root:x:0:0:root:/root:/bin/sh',
    'daemon:x:1:1::/:/bin/false',
    '',
    'app:x:1000:1001:App:/home/app:/bin/sh',
    '1234:x:50:60::/numeric:/bin/sh',
    'broken',
    'nobody:x:65534:65534::/:/bin/false',
  ].join('\n'),
  '/etc/group': [
    '# comment',
    'root:x:0:',
    'wheel:x:10:root,app',
    'users:x:1001:',
    'video:x:44:app',
    'nogroup:x:65534:',
  ].join('\n'),
}

const read = (path: string) => files[path]
const nothing = () => undefined
const resolve = (user: string, groups: string[] = []) => resolveUser(user, groups, read)

describe('users', () => {
  it.each([
    ['', { uid: 0, gid: 0, additionalGids: [10], home: '/root', name: 'root', known: true }],
    ['root', { uid: 0, gid: 0, additionalGids: [0, 10], home: '/root', name: 'root', known: true }],
    [
      'app',
      { uid: 1000, gid: 1001, additionalGids: [1001, 10, 44], home: '/home/app', name: 'app', known: true },
    ],
    [
      '1000',
      { uid: 1000, gid: 1001, additionalGids: [1001, 10, 44], home: '/home/app', name: 'app', known: true },
    ],
    ['app:0', { uid: 1000, gid: 0, additionalGids: [0], home: '/home/app', name: 'app', known: true }],
    ['app:video', { uid: 1000, gid: 44, additionalGids: [44], home: '/home/app', name: 'app', known: true }],
    ['5000', { uid: 5000, gid: 0, additionalGids: [0], home: '/', name: '', known: false }],
    ['5000:7', { uid: 5000, gid: 7, additionalGids: [7], home: '/', name: '', known: false }],
    // A number is an id, whatever a user is called.
    ['1234', { uid: 1234, gid: 0, additionalGids: [0], home: '/', name: '', known: false }],
  ])('%j', (user, expected) => {
    expect(resolve(user)).toEqual(expected)
  })

  it('needs no files for numbers', () => {
    expect(resolveUser('', [], nothing)).toMatchObject({ uid: 0, gid: 0, home: '/' })
    expect(resolveUser('5:6', ['7'], nothing)).toMatchObject({ uid: 5, gid: 6, additionalGids: [6, 7] })
  })

  it('adds groups by name and number, each once', () => {
    expect(resolve('app', ['video', '99', 'wheel']).additionalGids).toEqual([1001, 44, 99, 10])
  })

  it.each<[string, string[], string]>([
    ['foo', [], 'unable to find user foo: no matching entries in passwd file'],
    ['app:foo', [], 'unable to find group foo: no matching entries in group file'],
    ['4294967296', [], 'uids and gids must be in range 0-2147483647'],
    ['-1', [], 'uids and gids must be in range 0-2147483647'],
    ['0:-5', [], 'uids and gids must be in range 0-2147483647'],
    [
      'app',
      ['foo'],
      'looking up supplemental groups: unable to find group foo: no matching entries in group file',
    ],
  ])('refuses %s with %j', (user, groups, message) => {
    expect(messageOf(() => resolve(user, groups))).toBe(message)
  })
})

describe('lines that are added', () => {
  it('are for numbers that the image does not know', () => {
    expect(passwdLine('5000:7', resolve('5000:7'), '/work')).toBe(
      '5000:*:5000:7:container user:/work:/bin/sh\n',
    )
    expect(passwdLine('1000', resolve('1000'), '/work')).toBeUndefined()
    expect(passwdLine('', resolveUser('', [], nothing), '/')).toBeUndefined()
    expect(groupLine('5000:7', read)).toBe('7:x:7:5000\n')
    expect(groupLine('app:44', read)).toBeUndefined()
    expect(groupLine('app:users', read)).toBeUndefined()
    expect(groupLine('', read)).toBeUndefined()
  })

  it('can’t be forged by the image’s working folder', () => {
    const line = passwdLine('5000', resolve('5000'), '/x\nroot::0:0::/:/bin/sh')
    expect(line).toBe('5000:*:5000:0:container user:/:/bin/sh\n')
  })
})

describe('the ids that an image needs', () => {
  it('go up to its highest, nobody aside', () => {
    expect(highestId(read)).toBe(1002)
    expect(highestId(nothing)).toBe(0)
  })
})
