import { BaseCommand, flag, noArgs } from '../src/cli/base-command'
import { clientVersion } from '../src/cli/client-version'
import { toJson } from '../src/cli/go-json'
import { isJson, renderAligned, renderItem } from '../src/cli/report'

const DEFAULT_FORMAT = `{{with .Client -}}
Client:\\ttspod
Version:\\t{{.Version}}
API Version:\\t{{.APIVersion}}
Node Version:\\t{{.GoVersion}}
{{if .GitCommit -}}Git Commit:\\t{{.GitCommit}}\\n{{end -}}
Built:\\t{{.BuiltTime}}
{{if .BuildOrigin -}}Build Origin:\\t{{.BuildOrigin}}\\n{{end -}}
OS/Arch:\\t{{.OsArch}}
{{- end}}
`

export default class Version extends BaseCommand {
  static override summary = 'Display the tspod version information'
  static override usage = 'version [options]'
  static override examples = ['tspod version', 'tspod version --format {{.Client.Version}}']
  static override arity = noArgs
  static override flags = {
    format: flag.string('Change the output format to JSON or a Go template', { char: 'f' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Version)
    const report = clientVersion(this.config.version)
    if (flags.format === undefined) this.write(renderAligned(DEFAULT_FORMAT, report, 'version'))
    else if (isJson(flags.format)) this.print(toJson(report))
    else this.write(renderItem(flags.format, report, 'version'))
  }
}
