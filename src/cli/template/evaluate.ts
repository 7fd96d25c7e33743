import { quote } from '../go-quote'
import { Expressions } from './expressions'
import type { Command, Node, Operand, Pipe } from './nodes'
import { printValue } from './print'
import { entriesOf, isTrue, kindOf } from './values'

const MAX_DEPTH = 1000

class Jump extends Error {
  constructor(readonly to: 'break' | 'continue') {
    super(to)
  }
}

/** Runs a parsed template over data. */
export class Evaluation extends Expressions {
  #out: string[] = []
  #depth = 0

  run(data: unknown): string {
    this.variables = [['$', data]]
    this.#walk(this.template.main, data)
    return this.#out.join('')
  }

  #walk(nodes: Node[], dot: unknown): void {
    for (const node of nodes) this.#node(node, dot)
  }

  #node(node: Node, dot: unknown): void {
    switch (node.kind) {
      case 'text':
        this.#out.push(node.text)
        return
      case 'action': {
        const value = this.pipe(dot, node.pipe)
        if (node.pipe.variables.length === 0)
          this.#out.push(value === undefined ? '<no value>' : printValue(value))
        return
      }
      case 'if':
      case 'with':
        this.#branch(node, dot)
        return
      case 'range':
        this.#range(node, dot)
        return
      case 'template':
        this.#call(node, dot)
        return
      default:
        throw new Jump(node.kind)
    }
  }

  #scoped(run: () => void): void {
    const size = this.variables.length
    try {
      run()
    } finally {
      this.variables.length = size
    }
  }

  #branch(node: Extract<Node, { pipe: Pipe; body: Node[] }>, dot: unknown): void {
    this.#scoped(() => {
      const value = this.pipe(dot, node.pipe)
      if (isTrue(value)) this.#walk(node.body, node.kind === 'with' ? value : dot)
      else this.#walk(node.otherwise ?? [], dot)
    })
  }

  #items(node: Extract<Node, { body: Node[] }>, value: unknown): [unknown, unknown][] {
    switch (kindOf(value)) {
      case 'slice':
        return [...(value as unknown[])].map((item, index) => [index, item])
      case 'map':
        return entriesOf(value)
      case 'number':
        return Array.from({ length: Math.max(0, Number(value)) }, (_, index) => [index, index])
      case 'nil':
        return []
      default:
        return this.fail(lastOf(node.pipe), `range can't iterate over ${printValue(value)}`)
    }
  }

  #range(node: Extract<Node, { body: Node[] }>, dot: unknown): void {
    this.#scoped(() => {
      const declared = this.variables.length
      const items = this.#items(node, this.pipe(dot, { ...node.pipe, variables: [] }))
      if (items.length === 0) this.#walk(node.otherwise ?? [], dot)
      const { variables, assigns } = node.pipe
      for (const [key, item] of items) {
        this.variables.length = declared
        const values = variables.length === 2 ? [key, item] : [item]
        variables.forEach((name, index) => {
          this.setVariable(name, values[index], assigns)
        })
        if (!this.#oneRound(node.body, item)) break
      }
    })
  }

  /** False after a `break`. */
  #oneRound(body: Node[], item: unknown): boolean {
    try {
      this.#walk(body, item)
    } catch (error) {
      if (!(error instanceof Jump)) throw error
      return error.to === 'continue'
    }
    return true
  }

  #call(node: Extract<Node, { kind: 'template' }>, dot: unknown): void {
    const body = this.template.named.get(node.name)
    if (!body) this.fail(node, `template ${quote(node.name)} not defined`)
    if (this.#depth === MAX_DEPTH) this.fail(node, `exceeded maximum template depth (${MAX_DEPTH})`)
    const data = node.pipe ? this.pipe(dot, node.pipe) : undefined
    const outer = this.variables
    this.variables = [['$', data]]
    this.#depth += 1
    this.#walk(body, data)
    this.#depth -= 1
    this.variables = outer
  }
}

/** What stood last in a pipeline, for messages. */
function lastOf(pipe: Pipe): Operand | Command {
  const command = pipe.commands.at(-1) as Command
  return command.args.length === 1 ? (command.args[0] as Operand) : command
}
