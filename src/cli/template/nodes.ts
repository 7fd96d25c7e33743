import { quote } from '../go-quote'

/** One part of a parsed template; `at` is its offset in the text. */
export type Node =
  | { kind: 'text'; at: number; text: string }
  | { kind: 'action'; at: number; pipe: Pipe }
  | {
      kind: 'if' | 'with' | 'range'
      at: number
      pipe: Pipe
      body: Node[]
      otherwise: Node[] | undefined
    }
  | { kind: 'break' | 'continue'; at: number }
  | { kind: 'template'; at: number; name: string; pipe: Pipe | undefined }

export interface Pipe {
  kind: 'pipe'
  at: number
  /** Variables set by `:=` or `=`. */
  variables: string[]
  assigns: boolean
  commands: Command[]
}

export interface Command {
  kind: 'command'
  at: number
  args: Operand[]
}

export type Operand =
  | { kind: 'dot'; at: number }
  | { kind: 'nil'; at: number }
  | { kind: 'literal'; at: number; text: string; value: string | number | boolean }
  | { kind: 'field'; at: number; names: string[] }
  | { kind: 'variable'; at: number; name: string; names: string[] }
  | { kind: 'function'; at: number; name: string }
  | { kind: 'chain'; at: number; from: Operand; names: string[] }
  | Pipe

/** The source form of a part, as error messages show it. */
export function show(node: Operand | Command | Extract<Node, { kind: 'template' }>): string {
  const fields = (names: string[]) => names.map((name) => `.${name}`).join('')
  switch (node.kind) {
    case 'dot':
      return '.'
    case 'nil':
      return 'nil'
    case 'literal':
      return node.text
    case 'field':
      return fields(node.names)
    case 'variable':
      return node.name + fields(node.names)
    case 'function':
      return node.name
    case 'chain':
      return `${node.from.kind === 'pipe' ? `(${show(node.from)})` : show(node.from)}${fields(node.names)}`
    case 'command':
      return node.args.map((arg) => (arg.kind === 'pipe' ? `(${show(arg)})` : show(arg))).join(' ')
    case 'template':
      return `{{template ${quote(node.name)}${node.pipe ? ` ${show(node.pipe)}` : ''}}}`
    case 'pipe': {
      const sets =
        node.variables.length > 0 ? `${node.variables.join(', ')} ${node.assigns ? '=' : ':='} ` : ''
      return sets + node.commands.map(show).join(' | ')
    }
  }
}
