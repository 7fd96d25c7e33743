import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import * as flag from '../../../src/cli/flags'
import { type FlagDefinition, type ParsedLine, parseLine } from '../../../src/cli/pflag'
import { parseWith } from './parse-with'

const definitions = {
  rm: flag.bool('rm'),
  interactive: flag.bool('interactive', { char: 'i' }),
  tty: flag.bool('tty', { char: 't' }),
  detach: flag.bool('detach', { char: 'd' }),
  name: flag.string('name'),
  publish: flag.stringSlice('publish', { char: 'p' }),
  volume: flag.stringArray('volume', { char: 'v' }),
  env: flag.stringArray('env', { char: 'e' }),
  label: flag.stringArray('label', { char: 'l' }),
  'cap-add': flag.stringSlice('cap-add'),
  network: flag.stringArray('network', { aliases: ['net'] }),
  tail: flag.int('tail'),
  time: flag.uint('time', { char: 'T' }),
  cpus: flag.float('cpus'),
  sync: flag.string('sync', { bare: 'all' }),
}

const parse = (argv: string[], interspersed = true): ParsedLine =>
  parseLine(argv, definitions as unknown as Record<string, FlagDefinition>, interspersed)

/** What was given, as a command reads it, and the words. */
async function read(argv: string[], interspersed = true): Promise<object> {
  const { flags, argv: args, changed } = await parseWith(definitions, argv, interspersed)
  const given = Object.entries(flags).filter(([name]) => changed.has(name))
  return { ...Object.fromEntries(given), args }
}

describe('what pflag makes of a command line', () => {
  it.each<[string, string[], object]>([
    ['keeps the order of words', ['img', 'a', 'b', 'a'], { args: ['img', 'a', 'b', 'a'] }],
    ['keeps it after --', ['img', '--', 'a', '--rm', 'a'], { args: ['img', 'a', '--rm', 'a'] }],
    ['sets a flag', ['--rm'], { rm: true, args: [] }],
    ['unsets one', ['--rm=false', 'img'], { rm: false, args: ['img'] }],
    ['takes no word for a bool', ['--rm', 'false'], { rm: true, args: ['false'] }],
    ['lets the last one win', ['--name', 'a', '--name=b'], { name: 'b', args: [] }],
    ['takes a flag as a value', ['--name', '-i'], { name: '-i', args: [] }],
    ['takes -- as a value', ['--name', '--', 'x'], { name: '--', args: ['x'] }],
    ['takes an empty value', ['--name='], { name: '', args: [] }],
    ['keeps = in a value', ['--env=A=b=c'], { env: ['A=b=c'], args: [] }],
    ['reads a cluster', ['-itd'], { interactive: true, tty: true, detach: true, args: [] }],
    [
      'reads a value in a cluster',
      ['-itp8080:80'],
      { interactive: true, tty: true, publish: ['8080:80'], args: [] },
    ],
    [
      'reads a value after a cluster',
      ['-itp', '80'],
      { interactive: true, tty: true, publish: ['80'], args: [] },
    ],
    ['drops the = of a short flag', ['-v=x'], { volume: ['x'], args: [] }],
    ['keeps the = that is the whole value', ['-v='], { volume: ['='], args: [] }],
    ['reads =false on a short bool', ['-t=false'], { tty: false, args: [] }],
    ['takes one word only for a list', ['-e', 'A=1', 'img'], { env: ['A=1'], args: ['img'] }],
    ['does not split an array', ['--label', 'a=b,c=d'], { label: ['a=b,c=d'], args: [] }],
    ['splits a slice', ['--cap-add', 'a,b', '--cap-add=c'], { 'cap-add': ['a', 'b', 'c'], args: [] }],
    [
      'reads quotes in a slice',
      ['--cap-add', 'a,"b,c","d""e"'],
      { 'cap-add': ['a', 'b,c', 'd"e'], args: [] },
    ],
    ['reads an empty slice', ['--cap-add', ''], { 'cap-add': [], args: [] }],
    ['knows an alias', ['--net', 'host'], { network: ['host'], args: [] }],
    ['reads a negative number', ['--tail', '-1'], { tail: -1, args: [] }],
    ['reads Go numbers', ['--tail', '0x1F', '-T', '0b11'], { tail: 31, time: 3, args: [] }],
    ['reads octal and underscores', ['--tail', '010', '-T', '1_000'], { tail: 8, time: 1000, args: [] }],
    ['reads a decimal', ['--cpus', '1.5e1'], { cpus: 15, args: [] }],
    ['gives a bare flag its value', ['--sync', 'x'], { sync: 'all', args: ['x'] }],
    ['takes a bare flag’s value after =', ['--sync=x'], { sync: 'x', args: [] }],
    ['takes - as a word', ['-', '--rm'], { rm: true, args: ['-'] }],
    ['takes an empty word', ['', '--rm'], { rm: true, args: [''] }],
  ])('%s', async (_, argv, expected) => {
    expect(await read(argv)).toEqual(expected)
  })

  it('leaves the flags of the program in the container alone', async () => {
    expect(await read(['--rm', 'alpine', 'ls', '-l', '--name', 'x'], false)).toEqual({
      rm: true,
      args: ['alpine', 'ls', '-l', '--name', 'x'],
    })
    expect(await read(['--rm', '--', '-l', '--', 'x'], false)).toEqual({ rm: true, args: ['-l', '--', 'x'] })
    expect(await read(['alpine', '--', 'x'], false)).toEqual({ args: ['alpine', '--', 'x'] })
  })

  it('knows how many words stood before --', () => {
    expect(parse(['a', '--', 'b']).argsBeforeDash).toBe(1)
    expect(parse(['a', 'b']).argsBeforeDash).toBe(-1)
  })

  it.each([[['--help']], [['-h']], [['img', '--help']], [['-ih']]])('sees a wish for help in %j', (argv) => {
    expect(parse(argv).help).toBe(true)
  })

  it('reads on after --help, but not after -h', () => {
    expect(() => parse(['--help', '--foo'])).toThrow('unknown flag: --foo')
    expect(parse(['-h', '--foo']).help).toBe(true)
    expect(parse(['--help=false', 'img']).help).toBe(false)
  })

  it('leaves --help after the first word to the program', () => {
    expect(parse(['img', '--help'], false)).toMatchObject({ help: false, args: ['img', '--help'] })
  })
})

describe('what Podman says to a mistake', () => {
  it.each([
    [['--foo'], 'unknown flag: --foo'],
    [['--foo=x'], 'unknown flag: --foo'],
    [['-X'], "unknown shorthand flag: 'X' in -X"],
    [['-itX'], "unknown shorthand flag: 'X' in -X"],
    [['-it='], "unknown shorthand flag: '=' in -="],
    [['--name'], 'flag needs an argument: --name'],
    [['-e'], "flag needs an argument: 'e' in -e"],
    [['-ite'], "flag needs an argument: 'e' in -e"],
    [['--net'], 'flag needs an argument: --net'],
    [['---x'], 'bad flag syntax: ---x'],
    [['--=x'], 'bad flag syntax: --=x'],
    [['--rm=x'], 'invalid argument "x" for "--rm" flag: strconv.ParseBool: parsing "x": invalid syntax'],
    [
      ['--tail', 'x'],
      'invalid argument "x" for "--tail" flag: strconv.ParseInt: parsing "x": invalid syntax',
    ],
    [
      ['-T', '-1'],
      'invalid argument "-1" for "-T, --time" flag: strconv.ParseUint: parsing "-1": invalid syntax',
    ],
    [
      ['-T', '08'],
      'invalid argument "08" for "-T, --time" flag: strconv.ParseUint: parsing "08": invalid syntax',
    ],
    [
      ['-T', '_1'],
      'invalid argument "_1" for "-T, --time" flag: strconv.ParseUint: parsing "_1": invalid syntax',
    ],
    [
      ['-T', '+1'],
      'invalid argument "+1" for "-T, --time" flag: strconv.ParseUint: parsing "+1": invalid syntax',
    ],
    [
      ['--tail', '99999999999999999999'],
      'invalid argument "99999999999999999999" for "--tail" flag: strconv.ParseInt: parsing "99999999999999999999": value out of range',
    ],
    [
      ['--cpus', '.5e'],
      'invalid argument ".5e" for "--cpus" flag: strconv.ParseFloat: parsing ".5e": invalid syntax',
    ],
    [
      ['--cpus', '1e400'],
      'invalid argument "1e400" for "--cpus" flag: strconv.ParseFloat: parsing "1e400": value out of range',
    ],
    [
      ['--cap-add', 'a"b'],
      'invalid argument "a\\"b" for "--cap-add" flag: parse error on line 1, column 2: bare " in non-quoted-field',
    ],
    [
      ['--cap-add', '"ab'],
      'invalid argument "\\"ab" for "--cap-add" flag: parse error on line 1, column 4: extraneous or missing " in quoted-field',
    ],
    [
      ['--cap-add', '"a"b'],
      'invalid argument "\\"a\\"b" for "--cap-add" flag: parse error on line 1, column 3: extraneous or missing " in quoted-field',
    ],
    [
      ['--cap-add', '"a\nb'],
      'invalid argument "\\"a\\nb" for "--cap-add" flag: record on line 1; parse error on line 2, column 2: extraneous or missing " in quoted-field',
    ],
    [['--cap-add', '\n'], 'invalid argument "\\n" for "--cap-add" flag: EOF'],
  ])('%j', (argv, message) => {
    expect(() => parse(argv)).toThrow(message)
  })
})

describe('properties', () => {
  const value = fc.string({ minLength: 1 })

  it('gives back every value of a list, in order, between any words', async () => {
    const word = fc.string().filter((text) => !text.startsWith('-'))
    const piece = fc.oneof(
      value.map((text) => ({ argv: ['--env', text], env: [text], args: [] as string[] })),
      value.map((text) => ({ argv: [`--env=${text}`], env: [text], args: [] as string[] })),
      value
        .filter((text) => !text.startsWith('='))
        .map((text) => ({ argv: [`-ie${text}`], env: [text], args: [] as string[] })),
      word.map((text) => ({ argv: [text], env: [] as string[], args: [text] })),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece), async (pieces) => {
        const { flags, argv: args } = await parseWith(
          definitions,
          pieces.flatMap(({ argv }) => argv),
        )
        expect(flags.env).toEqual(pieces.flatMap(({ env }) => env))
        expect(args).toEqual(pieces.flatMap((each) => each.args))
      }),
    )
  })

  it('never touches what follows the first word of a container', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (tail) => {
        expect(parse(['--rm', 'img', ...tail], false).args).toEqual(['img', ...tail])
      }),
    )
  })

  it('reads back any record of CSV', async () => {
    const field = fc.string().map((text) => text.replaceAll('\r', ''))
    await fc.assert(
      fc.asyncProperty(fc.array(field, { minLength: 1 }), async (fields) => {
        const record = fields.map((text) => `"${text.replaceAll('"', '""')}"`).join(',')
        expect(await read(['--cap-add', record])).toEqual({ 'cap-add': fields, args: [] })
      }),
    )
  })
})
