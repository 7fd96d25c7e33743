import { quote } from '../go-quote'
import { CallError, TemplateError } from './errors'
import { ARGUMENTS, type Functions } from './functions'
import { type Command, type Node, type Operand, type Pipe, show } from './nodes'
import type { ParsedTemplate } from './parser'
import { printValue } from './print'
import { entriesOf, hasMember, isTrue, kindOf, mapEntry, typeName } from './values'

/** Stands for a pipeline's missing last argument, as undefined is a value here. */
const NONE = Symbol('none')
const MAX_DEPTH = 1000

class Jump extends Error {
  constructor(readonly to: 'break' | 'continue') {
    super(to)
  }
}

type Place = { at: number } & (Operand | Command | { kind: 'text' })

/** Runs a parsed template over data. */
export class Evaluation {
  #out: string[] = []
  #variables: [name: string, value: unknown][] = []
  #depth = 0

  constructor(
    private readonly template: ParsedTemplate,
    private readonly functions: Functions,
  ) {}

  run(data: unknown): string {
    this.#variables = [['$', data]]
    this.#walk(this.template.main, data)
    return this.#out.join('')
  }

  #fail(place: Place, message: string): never {
    const { name, text } = this.template
    const before = text.slice(0, place.at)
    const line = before.split('\n').length
    const column = Buffer.byteLength(before.slice(before.lastIndexOf('\n') + 1))
    const shown = place.kind === 'text' ? '' : show(place)
    throw new TemplateError(
      `template: ${name}:${line}:${column}: executing ${quote(name)} at <${shown}>: ${message}`,
    )
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
        const value = this.#pipe(dot, node.pipe)
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
    const size = this.#variables.length
    try {
      run()
    } finally {
      this.#variables.length = size
    }
  }

  #branch(node: Extract<Node, { pipe: Pipe; body: Node[] }>, dot: unknown): void {
    this.#scoped(() => {
      const value = this.#pipe(dot, node.pipe)
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
        return this.#fail(node.pipe, `range can't iterate over ${printValue(value)}`)
    }
  }

  #range(node: Extract<Node, { body: Node[] }>, dot: unknown): void {
    this.#scoped(() => {
      const declared = this.#variables.length
      const items = this.#items(node, this.#pipe(dot, { ...node.pipe, variables: [] }))
      if (items.length === 0) this.#walk(node.otherwise ?? [], dot)
      const { variables, assigns } = node.pipe
      for (const [key, item] of items) {
        this.#variables.length = declared
        const values = variables.length === 2 ? [key, item] : [item]
        variables.forEach((name, index) => {
          this.#setVariable(name, values[index], assigns)
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
    const place = {
      at: node.at,
      kind: 'literal',
      text: `{{template ${quote(node.name)}}}`,
      value: '',
    } as const
    if (!body) this.#fail(place, `template ${quote(node.name)} not defined`)
    if (this.#depth === MAX_DEPTH) this.#fail(place, `exceeded maximum template depth (${MAX_DEPTH})`)
    const data = node.pipe ? this.#pipe(dot, node.pipe) : undefined
    const outer = this.#variables
    this.#variables = [['$', data]]
    this.#depth += 1
    this.#walk(body, data)
    this.#depth -= 1
    this.#variables = outer
  }

  #setVariable(name: string, value: unknown, assigns: boolean): void {
    const known = assigns ? this.#variables.findLast(([variable]) => variable === name) : undefined
    if (known) known[1] = value
    else this.#variables.push([name, value])
  }

  #pipe(dot: unknown, pipe: Pipe): unknown {
    let value: unknown = NONE
    for (const command of pipe.commands) value = this.#command(dot, command, value)
    for (const name of pipe.variables) this.#setVariable(name, value, pipe.assigns)
    return value
  }

  #command(dot: unknown, command: Command, final: unknown): unknown {
    const [first, ...rest] = command.args as [Operand, ...Operand[]]
    const args = () => [...rest.map((arg) => this.#value(dot, arg)), ...(final === NONE ? [] : [final])]
    switch (first.kind) {
      case 'function':
        return this.#function(first, first.name, dot, rest, final)
      case 'field':
        return this.#fields(first, dot, first.names, args())
      case 'variable':
        if (first.names.length > 0) return this.#fields(first, this.#variable(first), first.names, args())
        break
      case 'chain':
        return this.#fields(first, this.#value(dot, first.from), first.names, args())
      case 'nil':
        this.#fail(first, 'nil is not a command')
    }
    if (rest.length > 0 || final !== NONE)
      this.#fail(first, `can't give argument to non-function ${show(first)}`)
    return this.#value(dot, first)
  }

  #variable(node: Extract<Operand, { kind: 'variable' }>): unknown {
    return this.#variables.findLast(([name]) => name === node.name)?.[1]
  }

  #value(dot: unknown, node: Operand): unknown {
    switch (node.kind) {
      case 'dot':
        return dot
      case 'nil':
        return null
      case 'literal':
        return node.value
      case 'pipe':
        return this.#pipe(dot, node)
      case 'field':
        return this.#fields(node, dot, node.names, [])
      case 'variable':
        return this.#fields(node, this.#variable(node), node.names, [])
      case 'chain':
        return this.#fields(node, this.#value(dot, node.from), node.names, [])
      case 'function':
        return this.#function(node, node.name, dot, [], NONE)
    }
  }

  #fields(node: Operand, from: unknown, names: string[], args: unknown[]): unknown {
    return names.reduce(
      (value, name, index) => this.#field(node, value, name, index === names.length - 1 ? args : []),
      from,
    )
  }

  #field(node: Operand, receiver: unknown, name: string, args: unknown[]): unknown {
    const kind = kindOf(receiver)
    if (kind === 'nil') {
      this.#fail(
        node,
        receiver === undefined ? `nil data; no entry for key ${quote(name)}` : nilPointer(name),
      )
    }
    if (kind === 'map') {
      if (args.length > 0) this.#fail(node, `${name} is not a method but has arguments`)
      return mapEntry(receiver, name)
    }
    if ((kind !== 'struct' && kind !== 'time') || !hasMember(receiver, name)) {
      this.#fail(node, `can't evaluate field ${name} in type ${typeName(receiver)}`)
    }
    const member = (receiver as Record<string, unknown>)[name]
    if (typeof member === 'function') return this.#invoke(node, name, () => member.apply(receiver, args))
    if (args.length > 0) this.#fail(node, `${name} has arguments but cannot be invoked as function`)
    return member ?? null
  }

  #function(node: Operand, name: string, dot: unknown, rest: Operand[], final: unknown): unknown {
    if (name === 'and' || name === 'or') return this.#shortCircuit(node, name, dot, rest, final)
    const args = [...rest.map((arg) => this.#value(dot, arg)), ...(final === NONE ? [] : [final])]
    const wanted = ARGUMENTS[name]
    if (wanted !== undefined && wanted !== args.length) {
      this.#fail(node, `wrong number of args for ${name}: want ${wanted} got ${args.length}`)
    }
    const run = this.functions[name] as (...given: unknown[]) => unknown
    return this.#invoke(node, name, () => run(...args))
  }

  #shortCircuit(node: Operand, name: 'and' | 'or', dot: unknown, rest: Operand[], final: unknown): unknown {
    if (rest.length === 0 && final === NONE)
      this.#fail(node, `wrong number of args for ${name}: want at least 1 got 0`)
    let value: unknown
    for (const arg of rest) {
      value = this.#value(dot, arg)
      if (isTrue(value) === (name === 'or')) return value
    }
    return final === NONE ? value : final
  }

  #invoke(node: Operand, name: string, run: () => unknown): unknown {
    try {
      return run()
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      const prefix = error.message.startsWith('wrong type for value') ? '' : `error calling ${name}: `
      return this.#fail(node, prefix + error.message)
    }
  }
}

const nilPointer = (name: string): string => `nil pointer evaluating interface {}.${name}`
