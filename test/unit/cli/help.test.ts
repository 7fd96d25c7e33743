import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BaseCommand, flag } from '../../../src/cli/base-command'
import { Help } from '../../../src/cli/help'
import { makeHelpConfig } from '../../../src/cli/launch/config'
import * as output from '../../../src/cli/output'

class Ps extends BaseCommand {
  static override aliases = ['list', 'container ps', 'container ls']
  static override summary = 'List containers'
  static override usage = 'ps [options]'
  static override examples = ['tspod ps', '<%= config.bin %> ps -a']
  static override flags = {
    all: flag.bool('Those that do not run too', { char: 'a' }),
    last: flag.int('So many', { value: 'number', default: 3 }),
    secret: flag.bool('Not shown', { hidden: true }),
  }

  async run(): Promise<void> {}
}
Ps.id = 'ps'

const config = makeHelpConfig(
  {
    version: '1.0.0',
    build: 'x',
    commands: { ps: 'List containers', run: 'Run a command', 'pod ps': 'List pods', secretive: 'Hidden' },
    aliases: {
      list: 'ps',
      'container run': 'run',
      'container ps': 'ps',
      'container ls': 'ps',
      'pod list': 'pod ps',
    },
    hidden: ['secretive'],
    topics: { container: { description: 'Manage containers' }, pod: { description: 'Manage pods' } },
  },
  () => Ps as never,
)

let printed = ''
beforeEach(() => {
  printed = ''
  vi.spyOn(output, 'writeOut').mockImplementation((data) => {
    printed += data.toString()
  })
})
afterEach(() => vi.restoreAllMocks())

async function help(...words: string[]): Promise<string> {
  await new Help(config).showHelp(words)
  return printed
}

describe('Help', () => {
  it('lists the commands of a topic once', async () => {
    expect(await help('container', '--help')).toBe(
      [
        'Manage containers',
        '',
        'Description:',
        '  Manage containers',
        '',
        'Usage:',
        '  tspod container [command]',
        '',
        'Available Commands:',
        '  ps          List containers',
        '  run         Run a command',
        '',
        '',
      ].join('\n'),
    )
  })

  it('lists topics and commands at the top, but none that is hidden', async () => {
    const text = await help('')
    expect(text).toContain('\n  pod         Manage pods\n  ps          List containers\n')
    expect(text).not.toContain('secretive')
    expect(text).not.toContain('\n  list ')
    expect(text).toContain('  -v, --version')
  })

  it('shows a command as it was called', async () => {
    expect(await help('help', 'container', 'ls')).toBe(
      [
        'List containers',
        '',
        'Description:',
        '  List containers',
        '',
        'Usage:',
        '  tspod container ls [options]',
        '',
        'Aliases:',
        '  ps, list',
        '',
        'Examples:',
        '  tspod ps',
        '  tspod ps -a',
        '',
        'Options:',
        '  -a, --all           Those that do not run too',
        '      --last number   So many (default 3)',
        '',
        '',
      ].join('\n'),
    )
  })
})
