/**
 * Turns the imports of a CommonJS text into functions that load the module when it is first used. `isImport` says
 * which names the compiler gave to imports; it writes each use as `name.member`, so a call in the name's place is
 * safe.
 */
export function makeRequiresLazy(source, statement, isImport) {
  const thunks = []
  let text = source.replace(statement, (line, name, expression) => {
    if (!isImport(name)) return line
    thunks.push({ name, expression })
    return ''
  })
  for (const { name } of thunks) {
    text = text.replace(
      new RegExp(`(?<![\\w$"'])(?<!(?<!\\.\\.)\\.)${name}(?![\\w$:"'])`, 'g'),
      `(${name}$())`,
    )
  }
  const lines = thunks.map(
    ({ name, expression }) =>
      `let ${name}$c;function ${name}$(){return ${name}$c??(${name}$c=${expression.replaceAll('\n', ' ')})}`,
  )
  return `${lines.join('\n')}\n${text}`
}
