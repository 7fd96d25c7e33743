/**
 * Podman's `--format`: what `common/pkg/report` does with a user's template.
 *
 *     this.write(renderRows(flags.format ?? DEFAULT_FORMAT, rows, { headers: { ID: 'CONTAINER ID' }, name: 'ps' }))
 *     this.write(renderItem(flags.format, version, 'version'))
 */
import { alignTabs } from './table'
import { Template, TemplateError } from './template'
import type { Functions } from './template/functions'

/** Whether `--format` asks for JSON: `json` or `{{json}}` or `{{json .}}`. */
export const isJson = (format: string): boolean => /^\s*(json|{{\s*json\s*\.?\s*}})\s*$/.test(format)

export interface RowOptions {
  /** The command's name, for messages. */
  name: string
  /** Column heads by field; a field without one is shown in capitals, its words apart. */
  headers?: Headers
  /** `--noheading` */
  noHeading?: boolean
  functions?: Functions
}

const RANGE = /{{\s*range\s*\.\s*}}.*{{\s*end\s*-?\s*}}/s

/** `\t` and `\n` are a tab and a line's end; the text ends in one. */
function normalize(format: string): string {
  const text = format.replaceAll('\\t', '\t').replaceAll('\\n', '\n')
  return text.endsWith('\n') ? text : `${text}\n`
}

/** What stands after `table `: its spaces are column ends too. */
function normalizeTable(format: string): string {
  const text = format
    .replaceAll('table ', '')
    .replaceAll('\\t', '\t')
    .replaceAll(' ', '\t')
    .replaceAll('\\n', '\n')
  return text.endsWith('\n') ? text : `${text}\n`
}

/** Docker's habit of replacing `\n` breaks `{{printf "\n"}}`; such a template is used as it stands. */
function parseEither(name: string, normal: string, original: string, functions?: Functions): Template {
  try {
    return new Template(name, normal, functions)
  } catch (error) {
    if (!(error instanceof TemplateError)) throw error
    return new Template(name, original, functions)
  }
}

/** `HostPort` becomes `HOST PORT`, `IDs` and `OsArch` as Podman splits them. */
const headerOf = (field: string): string =>
  field
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toUpperCase()

type Headers = Record<string, string>

const headOf = (headers: Headers, field: string): string => (headers[field] ?? headerOf(field)).toUpperCase()

/** Stands for the row of heads: every field of it exists. */
function headerRow(headers: Headers): object {
  return new Proxy(
    {},
    {
      get: (_, field) => (typeof field === 'string' ? headOf(headers, field) : undefined),
      has: (_, field) => typeof field === 'string',
      getOwnPropertyDescriptor: (_, field) =>
        typeof field === 'string' ? { configurable: true, enumerable: true, value: field } : undefined,
    },
  )
}

const FIELDS_ALONE = /^{{\.\w+}}(\t{{\.\w+}})*\n$/

/**
 * The lines of a table of texts, as the commands' own tables are; undefined for anything else. The language of
 * templates would say the same, but takes 2 ms to load and run.
 */
function plainTable(table: string, rows: readonly unknown[], { headers = {}, noHeading }: RowOptions) {
  if (!FIELDS_ALONE.test(table)) return undefined
  const fields = table.match(/\w+/g) ?? []
  const lines = noHeading ? [] : [fields.map((field) => headOf(headers, field))]
  for (const row of rows as Record<string, unknown>[]) {
    const cells = fields.map((field) => (Object.hasOwn(row, field) ? row[field] : undefined))
    if (!cells.every((cell) => typeof cell === 'string')) return undefined
    lines.push(cells)
  }
  return lines.map((cells) => `${cells.join('\t')}\n`).join('')
}

/** Many rows by the user's template, or by the command's own when it begins with `table `. */
export function renderRows(format: string, rows: readonly unknown[], options: RowOptions): string {
  const { name, functions } = options
  const isTable = format.startsWith('table ')
  if (!isTable) {
    const ranged = (text: string) => (RANGE.test(text) ? text : `{{range .}}${text}{{end -}}`)
    return parseEither(name, ranged(normalize(format)), ranged(format), functions).execute(rows)
  }
  const normal = normalizeTable(format)
  const plain = plainTable(normal, rows, options)
  if (plain !== undefined) return alignTabs(plain)
  const body = format.slice('table '.length)
  const template = parseEither(
    name,
    `{{range .}}${normal}{{end -}}`,
    `{{range .}}${body}{{end -}}`,
    functions,
  )
  const heads = options.noHeading ? '' : template.execute([headerRow(options.headers ?? {})])
  return alignTabs(heads + template.execute(rows))
}

/** A command's own template for one object, its tabs lined up. */
export const renderAligned = (template: string, item: unknown, name: string): string =>
  alignTabs(renderItem(template, item, name))

/** One object by the user's template, without the range over rows. */
export function renderItem(format: string, item: unknown, name: string, functions?: Functions): string {
  return parseEither(name, normalize(format), format, functions).execute(item)
}
