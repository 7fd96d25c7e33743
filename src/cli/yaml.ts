/** Writes YAML as sigs.k8s.io/yaml does: keys sorted, lists as far in as their key, quotes only where needed. */

/** What YAML 1.1 would read as something other than a string. */
const OTHER_TYPE =
  /^(?:~|null|true|false|yes|no|on|off|y|n|[-+]?(?:\d[\d_]*\.?\d*|\.\d+)(?:e[-+]?\d+)?|[-+]?\.inf|\.nan|0x[\da-f]+|0o?[0-7]+|\d{4}-\d{1,2}-\d{1,2}.*|=|<<)$/i
const NEEDS_QUOTES = /^[-?:](?:\s|$)|^[,[\]{}#&*!|>'"%@`]|^\s|\s$|:\s|\s#|:$/
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/

function scalar(value: string, indent: string): string {
  if (CONTROL.test(value)) return JSON.stringify(value)
  if (value.includes('\n')) return block(value, indent)
  if (value === '' || OTHER_TYPE.test(value)) return JSON.stringify(value)
  return NEEDS_QUOTES.test(value) ? `'${value.replaceAll("'", "''")}'` : value
}

function block(value: string, indent: string): string {
  const body = value.replace(/\n+$/, '')
  const ends = value.length - body.length
  const chomp = ends === 0 ? '-' : ends === 1 ? '' : '+'
  const lines = (ends > 1 ? value.slice(0, -1) : body).split('\n')
  return `|${chomp}\n${lines.map((line) => (line === '' ? '' : `${indent}${line}`)).join('\n')}`
}

function list(items: readonly unknown[], indent: string): string {
  return items.map((item) => `\n${indent}- ${node(item, `${indent}  `).replace(/^\n */, '')}`).join('')
}

function mapping(value: object, indent: string): string {
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, item]) => {
      const text = Array.isArray(item) ? node(item, indent) : node(item, `${indent}  `)
      return `\n${indent}${scalar(key, '')}:${text.startsWith('\n') ? '' : ' '}${text}`
    })
    .join('')
}

/** A collection begins with a line's end, everything else stands on its key's line. */
function node(value: unknown, indent: string): string {
  if (value === null || value === undefined) return 'null'
  if (typeof value === 'string') return scalar(value, indent)
  if (Array.isArray(value)) return value.length === 0 ? '[]' : list(value, indent)
  if (typeof value === 'object') return Object.keys(value).length === 0 ? '{}' : mapping(value, indent)
  return String(value)
}

export const toYaml = (value: object): string => `${node(value, '').replace(/^\n/, '')}\n`
