import { invalid } from './refusal'

/** Fields of one line of comma-separated values, quoted as in RFC 4180, as `--mount` takes them. */
export const csvFields = (line: string): string[] => {
  const fields: string[] = []
  let rest = line
  for (;;) {
    const [all, quotedText, plain = ''] = /^(?:"((?:[^"]|"")*)"|([^,"]*))(?=,|$)/.exec(rest) ?? []
    if (all === undefined)
      throw invalid(
        `parse error on line 1, column ${line.length - rest.length + 1}: bare " in non-quoted-field`,
      )
    fields.push(quotedText === undefined ? plain : quotedText.replaceAll('""', '"'))
    if (all.length === rest.length) return fields
    rest = rest.slice(all.length + 1)
  }
}
