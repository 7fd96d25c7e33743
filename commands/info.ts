import { BaseCommand, flag, noArgs } from '../src/cli/base-command'
import { toJson } from '../src/cli/go-json'
import { goShape } from '../src/cli/go-shape'
import { infoShape } from '../src/cli/inspect-shapes'
import { isJson, renderItem } from '../src/cli/report'
import { toYaml } from '../src/cli/yaml'

export default class Info extends BaseCommand {
  static override aliases = ['system info']
  static override summary = 'Show what the host has for tspod, and what the store holds'
  static override description =
    'The section parts lists what tspod uses where it is there (nft, newuidmap, pasta, cgroup controllers, kernel features), and what does not work without it.'
  static override usage = 'info [options]'
  static override examples = ['tspod info', "tspod info --format '{{.Host.CgroupsVersion}}'"]
  static override arity = noArgs
  static override flags = {
    debug: flag.bool('Without effect', { char: 'D', hidden: true }),
    format: flag.string('json, or a Go template', { char: 'f', value: 'format' }),
  }

  async run(): Promise<void> {
    const { flags, changed } = await this.parse(Info)
    const { format = '' } = flags
    const engine = await this.engine
    const info = await engine.info()
    const shaped = () => goShape(info, infoShape)
    if (isJson(format)) this.print(toJson(shaped(), { indent: '  ', escapeHtml: true }))
    else if (changed.has('format')) this.write(renderItem(format, shaped(), 'info'))
    else this.print(toYaml(info))
  }
}
