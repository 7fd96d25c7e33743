import { TspodError } from '../errors'
import type { PodCreateOptions } from '../libpod'
import { networkFlags, resourceFlags, sharedFlags } from './create-flags'
import { collectLabels, commandLine } from './create-options'
import * as flag from './flags'
import { givenOptions, type OptionsOf } from './option-names'

/** The flags whose values the engine takes as they are. */
const podFlags = {
  ...resourceFlags,
  ...networkFlags,
  ...sharedFlags,
  'exit-policy': flag.string(
    "What to do at the end of the last container: continue, or stop the pod's infra",
    {
      value: 'policy',
    },
  ),
  infra: flag.bool('Make an infra container, which holds the shared namespaces', { default: true }),
  'infra-command': flag.string('Program of the infra container', { value: 'command' }),
  'infra-image': flag.string('Without effect: the infra container needs no image', { value: 'image' }),
  'infra-name': flag.string('Name of the infra container', { value: 'name' }),
  name: flag.string('Name', { char: 'n', value: 'name' }),
  replace: flag.bool('Remove the pod that has the name'),
  share: flag.string('Namespaces to share: cgroup, ipc, net, pid, user, uts; +pid adds one; none', {
    value: 'list',
  }),
  'share-parent': flag.bool("Make the containers' cgroups below the pod's", { default: true }),
}

/** All flags of `pod create`. */
export const podCreateFlags = {
  ...podFlags,
  'label-file': flag.stringArray('File of labels, one a line', { value: 'file' }),
  'pod-id-file': flag.string('File to write the id to', { value: 'file' }),
}

interface PodLine {
  flags: { [Name in keyof typeof podCreateFlags]: unknown }
  argv: string[]
  changed: ReadonlySet<string>
}

/** What `pod create` asks the engine for. */
export function podCreateOptions(line: PodLine): PodCreateOptions {
  const { flags, argv } = line
  const given: OptionsOf<typeof podFlags> = givenOptions(podFlags, line)
  const [positional] = argv
  if (positional !== undefined && given.name)
    throw new TspodError('usage', 'cannot specify --name and NAME at the same time')
  const name = positional ?? given.name
  if (given.replace && !name) throw new TspodError('usage', 'cannot replace pod without --name being set')
  return {
    ...given,
    name,
    label: collectLabels(flags.label as string[], flags['label-file'] as string[]),
    createCommand: commandLine(),
  }
}
