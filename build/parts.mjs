import { readFileSync, writeFileSync } from 'node:fs'
import ts from 'typescript'

/** What esbuild writes for `__commonJS`, whatever name that has in a bundle. */
const HELPER = /^\((\w+),(\w+)\)=>(function)?\(\)(=>)?\{try\{return \2\|\|/

const variablesOf = (source) =>
  source.statements
    .filter(ts.isVariableStatement)
    .flatMap((statement) => statement.declarationList.declarations)

/** Every `require_x = __commonJS(factory)` of a bundle, in order. */
function findModules(source) {
  const variables = variablesOf(source).filter(({ initializer }) => initializer)
  const helper = variables.find(({ initializer }) => HELPER.test(initializer.getText(source)))
  if (!helper) throw new Error(`${source.fileName} has no __commonJS: look at what esbuild writes now`)
  return variables.filter(
    ({ initializer }) =>
      ts.isCallExpression(initializer) && initializer.expression.getText(source) === helper.name.text,
  )
}

/**
 * Lets the launcher run the modules of a bundle: `__define` takes the place of esbuild's helper, and the last line
 * says where each module lies (src/cli/launch/keep.ts).
 */
export function markParts(file) {
  const source = ts.createSourceFile(file, readFileSync(file, 'latin1'), ts.ScriptTarget.ESNext)
  const parts = []
  let text = ''
  let at = 0
  for (const { name, initializer: call } of findModules(source)) {
    text += source.text.slice(at, call.getStart(source))
    const start = text.length
    text += `__define(${JSON.stringify(name.text)},${call.arguments[0].getText(source)})`
    parts.push([name.text, start, text.length])
    at = call.getEnd()
  }
  text += source.text.slice(at).trimEnd()
  writeFileSync(file, `${text}\n//parts:${JSON.stringify(parts)}\n`, 'latin1')
}
